import type { Client } from '#lib/data/client.ts';
import { decideUnknown, fetchUnknownSends, type Decision } from '#lib/data/delivery.ts';
import type { UnknownSend } from '#lib/data/delivery-records.ts';
import { toDataError } from '#lib/data/errors.ts';
import { KeptList } from './kept-list.svelte.ts';
import type { RowOutcome } from './kept-rows.ts';

const decidedWords = {
  sent: 'Marked as arrived.',
  not_sent: 'Marked as not sent. It stays failed and is not sent again.',
  send_again: 'Sent again, as a new message.',
} as const satisfies Record<Decision, string>;

/** The sends somebody has to decide about, and those that still settle by themselves. */
export class DecisionsState {
  readonly #client: Client;
  readonly #organizationId: string;
  #others = $state.raw<UnknownSend[]>([]);
  readonly asked = new KeptList<UnknownSend>({
    fetchFirst: async () => {
      const [rows, others] = await Promise.all([this.#fetch(true), this.#fetch(false)]);
      return { rows, takeOver: () => (this.#others = others) };
    },
    fetchNext: (after) => this.#fetch(true, after),
  });

  constructor(client: Client, organizationId: string) {
    this.#client = client;
    this.#organizationId = organizationId;
  }

  /** Still looked up at the carrier, or sent again by rule. */
  get others(): UnknownSend[] {
    return this.#others;
  }

  /** Throws a DataError when it was not possible; somebody else's decision is no error but an outcome of the row. */
  async decide(send: UnknownSend, decision: Decision): Promise<RowOutcome> {
    const outcome = await this.#carryOut(send, decision);
    this.asked.settle(new Map([[send.job_id, outcome]]));
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
