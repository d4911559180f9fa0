import { jobsPageSize } from '#lib/data/delivery.ts';
import type { TroubledJob } from '#lib/data/delivery-records.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import { addPage, firstPage, noRows, refresh, settle, type KeptRows, type RowOutcome } from './kept-rows.ts';

export interface FirstPage<Row> {
  rows: Row[];
  /** Takes over what was fetched with the page; not called when the page answers an old question. */
  takeOver: () => void;
}

interface Source<Row> {
  fetchFirst: () => Promise<FirstPage<Row>>;
  fetchNext: (after: Row | undefined) => Promise<Row[]>;
}

/** A list of jobs, page by page, whose rows stay where they are while somebody works on them. */
export class KeptList<Row extends TroubledJob> {
  readonly #source: Source<Row>;
  #kept = $state.raw<KeptRows<Row>>(noRows());
  #isLoaded = $state(false);
  #error = $state.raw<DataError | null>(null);
  /** Counts the beginnings: an answer to a question about an earlier list is dropped. */
  #beginnings = 0;
  #looks = 0;
  /** The latest look whose answer is here: what an earlier one still brings is older. */
  #latestLook = 0;

  constructor(source: Source<Row>) {
    this.#source = source;
  }

  get kept(): KeptRows<Row> {
    return this.#kept;
  }

  get rows(): Row[] {
    return this.#kept.rows;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get error(): DataError | null {
    return this.#error;
  }

  outcomeOf(row: Row): RowOutcome | undefined {
    return this.#kept.outcomes.get(row.job_id);
  }

  /** Looks again; rows somebody may be working on stay where they are. */
  async look(): Promise<void> {
    this.#looks += 1;
    const look = this.#looks;
    await this.#ask(this.#source.fetchFirst, ({ rows, takeOver }) => {
      if (look < this.#latestLook) return;
      this.#latestLook = look;
      this.#kept = this.#isLoaded ? refresh(this.#kept, rows, jobsPageSize) : firstPage(rows, jobsPageSize);
      takeOver();
      this.#isLoaded = true;
    });
  }

  async loadMore(): Promise<void> {
    const last = this.#kept.rows.at(-1);
    await this.#ask(
      () => this.#source.fetchNext(last),
      (rows) => (this.#kept = addPage(this.#kept, rows, jobsPageSize)),
    );
  }

  /** Begins anew: lets waiting rows in and takes settled ones off. */
  async admit(): Promise<void> {
    this.#beginnings += 1;
    this.#kept = noRows();
    await this.look();
  }

  /** Begins anew with other rows. */
  async replace(): Promise<void> {
    this.#isLoaded = false;
    await this.admit();
  }

  /** Notes what became of rows. */
  settle(news: ReadonlyMap<string, RowOutcome>): void {
    this.#kept = settle(this.#kept, news);
  }

  /** Says that something done with the list went wrong halfway. */
  report(thrown: unknown): void {
    this.#error = toDataError(thrown);
  }

  async #ask<Answer>(fetchAnswer: () => Promise<Answer>, takeIn: (answer: Answer) => void): Promise<void> {
    const beginning = this.#beginnings;
    try {
      const answer = await fetchAnswer();
      if (beginning !== this.#beginnings) return;
      takeIn(answer);
      this.#error = null;
    } catch (thrown) {
      if (beginning === this.#beginnings) this.report(thrown);
    }
  }
}
