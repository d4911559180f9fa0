import type { Client } from '#lib/data/client.ts';
import { decideUnknown, fetchUnknownSends, jobsPageSize, type Decision } from '#lib/data/delivery.ts';
import type { UnknownSend } from '#lib/data/delivery-records.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import { addPage, firstPage, noRows, refresh, settle, type KeptRows, type RowOutcome } from './kept-rows.ts';

const decidedWords = {
  sent: 'Marked as arrived.',
  not_sent: 'Marked as not sent. It stays failed and is not sent again.',
  send_again: 'Sent again, as a new message.',
} as const satisfies Record<Decision, string>;

/** The sends somebody has to decide about, and those that still settle by themselves. */
export class DecisionsState {
  readonly #client: Client;
  readonly #organizationId: string;
  #asked = $state.raw<KeptRows<UnknownSend>>(noRows());
  #others = $state.raw<UnknownSend[]>([]);
  #isLoaded = $state(false);
  #error = $state.raw<DataError | null>(null);

  constructor(client: Client, organizationId: string) {
    this.#client = client;
    this.#organizationId = organizationId;
  }

  get asked(): KeptRows<UnknownSend> {
    return this.#asked;
  }

  /** Still looked up at the carrier, or sent again by rule. */
  get others(): UnknownSend[] {
    return this.#others;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get error(): DataError | null {
    return this.#error;
  }

  /** Looks again; rows somebody may be working on stay where they are. */
  async look(): Promise<void> {
    try {
      const [asked, others] = await Promise.all([this.#fetch(true), this.#fetch(false)]);
      this.#asked = this.#isLoaded
        ? refresh(this.#asked, asked, jobsPageSize)
        : firstPage(asked, jobsPageSize);
      this.#others = others;
      this.#isLoaded = true;
      this.#error = null;
    } catch (thrown) {
      this.#error = toDataError(thrown);
    }
  }

  /** Begins anew: lets waiting rows in and takes settled ones off. */
  async admit(): Promise<void> {
    this.#asked = noRows();
    await this.look();
  }

  async loadMore(): Promise<void> {
    try {
      this.#asked = addPage(this.#asked, await this.#fetch(true, this.#asked.rows.at(-1)), jobsPageSize);
      this.#error = null;
    } catch (thrown) {
      this.#error = toDataError(thrown);
    }
  }

  /** Throws a DataError when it was not possible; somebody else's decision is no error but an outcome of the row. */
  async decide(send: UnknownSend, decision: Decision): Promise<RowOutcome> {
    const outcome = await this.#carryOut(send, decision);
    this.#asked = settle(this.#asked, new Map([[send.job_id, outcome]]));
    return outcome;
  }

  async #carryOut(send: UnknownSend, decision: Decision): Promise<RowOutcome> {
    try {
      const result = await decideUnknown(this.#client, send.job_id, decision);
      if (result?.outcome === 'refused') {
        const why = result.message ?? 'It was refused.';
        return { tone: 'refused', words: `Marked as not sent, but it could not be sent again. ${why}` };
      }
      return { tone: 'done', words: decidedWords[decision] };
    } catch (thrown) {
      const error = toDataError(thrown);
      if (error.code !== 'not_retryable') throw error;
      return { tone: 'gone', words: 'Settled in the meantime.' };
    }
  }

  #fetch(isAsked: boolean, after?: UnknownSend): Promise<UnknownSend[]> {
    return fetchUnknownSends(this.#client, this.#organizationId, isAsked, after);
  }
}
