import { SvelteSet } from 'svelte/reactivity';
import type { Client } from '#lib/data/client.ts';
import {
  discardDeadLetters,
  fetchDeadLetterKinds,
  fetchDeadLetters,
  jobsPageSize,
  replayDeadLetters,
} from '#lib/data/delivery.ts';
import type { DeadLetter, DeadLetterKind, ReplayResult } from '#lib/data/delivery-records.ts';
import { KeptList } from './kept-list.svelte.ts';
import type { RowOutcome } from './kept-rows.ts';

/** Jobs named in one request of a large replay. */
const partSize = 100;

/** What a replay came to, in figures. */
export interface ReplayCounts {
  sent: number;
  duplicate: number;
  refused: number;
}

/** Which letters: those ticked, or every one of an error code (null: of any). */
export type Choice = { kind: 'ticked' } | { kind: 'all'; code: string | null };

/** Jobs whose retries were used up, and what an admin does with them. */
export class LettersState {
  readonly #client: Client;
  readonly #organizationId: string;
  #kinds = $state.raw<DeadLetterKind[]>([]);
  #code = $state<string | null>(null);
  #done = $state<number | null>(null);

  readonly list = new KeptList<DeadLetter>({
    fetchFirst: async () => {
      const [rows, kinds] = await Promise.all([
        this.#fetch(this.#code),
        fetchDeadLetterKinds(this.#client, this.#organizationId),
      ]);
      return { rows, takeOver: () => (this.#kinds = kinds) };
    },
    fetchNext: (after) => this.#fetch(this.#code, after),
  });
  readonly #chosen = new SvelteSet<string>();
  /** Rows that can still be chosen. */
  readonly open: DeadLetter[] = $derived(
    this.list.rows.filter((row) => this.list.outcomeOf(row) === undefined),
  );
  readonly ticked: DeadLetter[] = $derived(this.open.filter((row) => this.#chosen.has(row.job_id)));
  readonly total: number = $derived(this.#kinds.reduce((sum, kind) => sum + kind.count, 0));

  constructor(client: Client, organizationId: string) {
    this.#client = client;
    this.#organizationId = organizationId;
  }

  get kinds(): DeadLetterKind[] {
    return this.#kinds;
  }

  /** The error code the list is narrowed to; null shows all. */
  get code(): string | null {
    return this.#code;
  }

  /** How many of a large replay are done; null when none is under way. */
  get done(): number | null {
    return this.#done;
  }

  isTicked(letter: DeadLetter): boolean {
    return this.#chosen.has(letter.job_id);
  }

  tick(letter: DeadLetter, isOn: boolean): void {
    if (isOn) this.#chosen.add(letter.job_id);
    else this.#chosen.delete(letter.job_id);
  }

  tickAll(isOn: boolean): void {
    for (const row of this.open) this.tick(row, isOn);
  }

  async show(code: string | null): Promise<void> {
    this.#code = code;
    this.#chosen.clear();
    await this.list.replace();
  }

  /** Sends letters again; says how it went, also when it broke off. Throws a DataError when nothing was done. */
  async replay(choice: Choice): Promise<ReplayCounts> {
    const counts: ReplayCounts = { sent: 0, duplicate: 0, refused: 0 };
    this.#done = 0;
    try {
      for (const ids of await this.#partsOf(choice)) {
        const results = await replayDeadLetters(this.#client, this.#organizationId, ids);
        count(counts, results);
        this.#done += ids.length;
        this.#note(ids, (index) => outcomeOf(results[index]));
      }
    } catch (thrown) {
      if (this.#done === 0) throw thrown;
      this.list.report(thrown);
    } finally {
      this.#done = null;
    }
    await this.list.look();
    return counts;
  }

  /** Leaves letters unsent. Throws a DataError. */
  async discard(choice: Choice): Promise<number> {
    let discarded = 0;
    for (const ids of await this.#partsOf(choice)) {
      await discardDeadLetters(this.#client, this.#organizationId, ids);
      discarded += ids.length;
      this.#note(ids, () => ({ tone: 'done', words: 'Left unsent.' }));
    }
    await this.list.look();
    return discarded;
  }

  /** The jobs of a choice in parts, the oldest first, so that a thread's messages keep their order. */
  async #partsOf(choice: Choice): Promise<string[][]> {
    const ids =
      choice.kind === 'ticked' ? this.ticked.map((row) => row.job_id) : await this.#fetchAllIds(choice.code);
    const oldestFirst = ids.toReversed();
    const count = Math.ceil(oldestFirst.length / partSize);
    return Array.from({ length: count }, (_part, index) =>
      oldestFirst.slice(index * partSize, (index + 1) * partSize),
    );
  }

  async #fetchAllIds(code: string | null): Promise<string[]> {
    const ids: string[] = [];
    let last: DeadLetter | undefined;
    for (;;) {
      const page = await this.#fetch(code, last, partSize);
      ids.push(...page.map((row) => row.job_id));
      last = page.at(-1);
      if (page.length < partSize) return ids;
    }
  }

  #note(ids: string[], outcome: (index: number) => RowOutcome): void {
    this.list.settle(new Map(ids.map((id, index) => [id, outcome(index)])));
    for (const id of ids) this.#chosen.delete(id);
  }

  #fetch(code: string | null, after?: DeadLetter, limit = jobsPageSize): Promise<DeadLetter[]> {
    return fetchDeadLetters(this.#client, this.#organizationId, { code, after, limit });
  }
}

function count(counts: ReplayCounts, results: ReplayResult[]): void {
  for (const { outcome } of results) {
    if (outcome === 'accepted') counts.sent += 1;
    else counts[outcome] += 1;
  }
}

function outcomeOf(result: ReplayResult | undefined): RowOutcome {
  if (result?.outcome === 'accepted') return { tone: 'done', words: 'Sent again, as a new message.' };
  if (result?.outcome === 'duplicate') return { tone: 'gone', words: 'Had been sent again already.' };
  return { tone: 'refused', words: `Refused. ${result?.message ?? 'It could not be sent again.'}` };
}
