import type { SendOutcome } from '@threadline/providers';
import {
  CircuitState,
  SamplingBreaker,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel';
import type { CircuitBreakerPolicy, IBackoff, IBreaker } from 'cockatiel';
import { troubleOf } from './trouble.ts';
import type { Trouble } from './trouble.ts';

export type CircuitCondition = 'closed' | 'probing' | 'open';

export interface Pause {
  readonly reason: string;
  readonly seconds: number;
}

export interface CircuitEvents {
  opened(pause: Pause): void;
  closed(): void;
}

/** An outage is declared when this share of the calls of this many milliseconds failed, of so many at least. */
const OUTAGE_SHARE = 0.5;
const OUTAGE_WINDOW_MS = 30_000;
const OUTAGE_CALLS = 8;

interface Call {
  readonly outcome: SendOutcome;
  readonly trouble: Trouble | null;
}

/**
 * The circuit breaker of one carrier account. Closed, it lets every call through and watches; open, none; after its
 * pause it lets one through, and that one decides. The rules of when are here, the state machine is cockatiel's.
 */
export class Circuit {
  readonly #events: CircuitEvents;
  #breaker = new TroubleBreaker();
  #policy: CircuitBreakerPolicy;
  #trouble: Trouble | null = null;
  #pause: Pause | null = null;

  constructor(events: CircuitEvents) {
    this.#events = events;
    this.#policy = this.#createPolicy();
  }

  /** Closed, with nothing remembered: somebody who knows better says that the account works. */
  renew(): void {
    this.#trouble = null;
    this.#breaker = new TroubleBreaker();
    this.#policy = this.#createPolicy();
  }

  #createPolicy(): CircuitBreakerPolicy {
    const policy = circuitBreaker(
      handleWhenResult((call) => this.#watch(call)),
      { breaker: this.#breaker, halfOpenAfter: { next: () => this.#nextPause(1) } },
    );
    // What a replaced one still learns is old.
    policy.onBreak(() => {
      if (policy === this.#policy) this.#events.opened(this.pause);
    });
    policy.onReset(() => {
      if (policy === this.#policy) this.#events.closed();
    });
    return policy;
  }

  get condition(): CircuitCondition {
    if (this.#policy.state === CircuitState.Closed) return 'closed';
    return this.#policy.state === CircuitState.HalfOpen ? 'probing' : 'open';
  }

  get pause(): Pause {
    return this.#pause ?? { reason: 'unknown', seconds: 1 };
  }

  /**
   * Makes the call, or null when the account is to be left alone.
   * @param isProbe no failure is excused: another worker found the account in trouble, and nobody has seen it work since
   */
  async run(
    send: () => Promise<SendOutcome>,
    isProbe: boolean,
    signal: AbortSignal,
  ): Promise<SendOutcome | null> {
    // The library would let further calls wait for the probe; they are of more use to another worker.
    if (this.condition === 'probing') return null;
    try {
      const { outcome } = await this.#policy.execute(async (): Promise<Call> => {
        const outcome = await send();
        // What we broke off ourselves says nothing about the carrier.
        const trouble = signal.aborted ? null : troubleOf(outcome);
        return { outcome, trouble: trouble !== null && isProbe ? { ...trouble, isCertain: true } : trouble };
      });
      return this.#excuse(outcome);
    } catch (error) {
      if (isBrokenCircuitError(error)) return null;
      throw error;
    }
  }

  #watch(result: unknown): boolean {
    const trouble = isCall(result) ? result.trouble : null;
    if (trouble === null) return false;
    if (this.#trouble === null || trouble.isCertain) this.#trouble = trouble;
    if (trouble.isCertain) this.#breaker.trip();
    return true;
  }

  /** Called by the library at the moment it opens. */
  #nextPause(attempt: number): IBackoff<unknown> {
    const trouble = this.#trouble;
    this.#trouble = null;
    const seconds =
      trouble === null
        ? 1
        : Math.min(trouble.longestPauseSeconds, trouble.pauseSeconds * 2 ** Math.min(attempt - 1, 20));
    this.#pause = { reason: trouble?.reason ?? 'unknown', seconds };
    return { duration: seconds * 1000, next: () => this.#nextPause(attempt + 1) };
  }

  /** A trouble of the account uses up no try of the message. */
  #excuse(outcome: SendOutcome): SendOutcome {
    if (outcome.kind !== 'not_sent' || this.condition === 'closed' || troubleOf(outcome) === null)
      return outcome;
    return {
      ...outcome,
      kind: 'later',
      retryAfterSeconds: Math.max(outcome.retryAfterSeconds ?? 0, this.pause.seconds),
    };
  }
}

function isCall(result: unknown): result is Call {
  return typeof result === 'object' && result !== null && 'trouble' in result;
}

/** Opens at once when told that there is no doubt, else by the share of failures. */
class TroubleBreaker implements IBreaker {
  readonly #sampling = new SamplingBreaker({
    threshold: OUTAGE_SHARE,
    duration: OUTAGE_WINDOW_MS,
    minimumRps: OUTAGE_CALLS / (OUTAGE_WINDOW_MS / 1000),
  });
  #isTripped = false;

  get state(): unknown {
    return this.#sampling.state;
  }

  set state(state: unknown) {
    this.#sampling.state = state;
  }

  trip(): void {
    this.#isTripped = true;
  }

  success(state: CircuitState): void {
    this.#sampling.success(state);
  }

  failure(state: CircuitState): boolean {
    const isTripped = this.#isTripped;
    this.#isTripped = false;
    return this.#sampling.failure(state) || isTripped;
  }
}
