import { setTimeout as pause } from 'node:timers/promises';
import type { SendOutcome } from '@threadline/providers';
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { AccountEvent } from '../queue/shapes.ts';
import { Circuit } from './circuit.ts';
import type { CircuitCondition } from './circuit.ts';
import { troubleOf } from './trouble.ts';

export interface CircuitsOptions {
  readonly queue: Pick<Queue, 'reportAccount'>;
  readonly log: Logger;
}

/** Which account a call goes through, and whether it is to find out if the account works again. */
export interface AccountCall {
  readonly provider_account_id: string;
  readonly is_probe: boolean;
  /** When the claim that brought the job was begun, by performance.now(). */
  readonly claimed_at: number;
}

interface Watched {
  readonly circuit: Circuit;
  /** What the database is still to hear; the newest word wins. */
  news: AccountEvent | null;
  /** When the database had heard everything, by performance.now(). */
  toldAt: number;
  telling: Promise<void> | null;
}

/**
 * A circuit for every carrier account. What opens or closes here is told to the database, which then hands out nothing,
 * or one job at a time, to any worker: so all obey together, and one sick account leaves the others alone.
 */
export class Circuits {
  readonly #options: CircuitsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: CircuitsOptions) {
    this.#options = options;
  }

  /** Makes the call, or answers null when the account is to be left alone; then the database already knows. */
  async run(
    call: AccountCall,
    send: () => Promise<SendOutcome>,
    signal: AbortSignal,
  ): Promise<SendOutcome | null> {
    const watched = this.#watch(call.provider_account_id);
    let outcome = await watched.circuit.run(send, call.is_probe, signal);
    if (outcome === null && watched.news === null && watched.toldAt < call.claimed_at) {
      // The database knew of the pause and handed the job out all the same: some other worker saw the account work.
      watched.circuit.renew();
      outcome = await watched.circuit.run(send, call.is_probe, signal);
    }
    if (outcome === null) {
      // Given back before that, it would be handed out again at once.
      await watched.telling;
      return null;
    }
    const isWell = call.is_probe && watched.circuit.condition === 'closed' && troubleOf(outcome) === null;
    if (isWell && !signal.aborted) this.#tell(call.provider_account_id, watched, { kind: 'resumed' });
    return outcome;
  }

  /** True while nothing may go through this account. */
  isOpen(providerAccountId: string): boolean {
    return this.#watched.get(providerAccountId)?.circuit.condition === 'open';
  }

  get conditions(): ReadonlyMap<string, CircuitCondition> {
    return new Map([...this.#watched].map(([id, { circuit }]) => [id, circuit.condition]));
  }

  #watch(id: string): Watched {
    const known = this.#watched.get(id);
    if (known !== undefined) return known;
    const circuit = new Circuit({
      opened: ({ reason, seconds }) => {
        this.#options.log.error(
          { provider_account_id: id, reason, seconds, alert: true },
          'carrier account paused',
        );
        this.#tell(id, watched, { kind: 'paused', reason, seconds });
      },
      closed: () => {
        this.#options.log.info({ provider_account_id: id }, 'carrier account works again');
        this.#tell(id, watched, { kind: 'resumed' });
      },
    });
    const watched: Watched = { circuit, news: null, toldAt: -Infinity, telling: null };
    this.#watched.set(id, watched);
    return watched;
  }

  #tell(id: string, watched: Watched, news: AccountEvent): void {
    watched.news = news;
    watched.telling ??= this.#tellAll(id, watched).finally(() => (watched.telling = null));
  }

  async #tellAll(id: string, watched: Watched): Promise<void> {
    for (let tries = 1; watched.news !== null; tries += 1) {
      const { news } = watched;
      try {
        await this.#options.queue.reportAccount(id, news);
        watched.toldAt = performance.now();
        if (watched.news === news) watched.news = null;
      } catch (error) {
        this.#options.log.warn({ err: error, provider_account_id: id, tries }, 'account not reported yet');
        await pause(backoffMs(tries));
      }
    }
  }
}
