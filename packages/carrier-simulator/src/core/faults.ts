import { z } from 'zod';

const milliseconds = z.number().min(0).max(600_000);
const rate = z.number().min(0).max(1);

/** What may be injected. Everything is optional; what is left out does not happen. */
export const faultsSchema = z.strictObject({
  /** Added before every answer of the carrier's API. */
  latencyMs: milliseconds.nullish(),
  /** Share of creates refused with `error`. 1 when only `error` is given. */
  rejectRate: rate.nullish(),
  /** A Twilio code. Codes carriers report later (30003, …) let the create succeed and the delivery end with the code. */
  error: z.coerce.number().int().min(10_000).max(99_999).nullish(),
  /** Share of creates that are never answered and never recorded. */
  timeoutRate: rate.nullish(),
  /** Share of creates that are recorded and sent, while the connection breaks before the answer. */
  acceptThenDropRate: rate.nullish(),
  /** Share of creates answered 429 (20429) and not recorded. */
  rate429: rate.nullish(),
  /** Added before every status callback. */
  callbackDelayMs: milliseconds.nullish(),
  /** Share of status callbacks posted twice. */
  callbackDuplicateRate: rate.nullish(),
  /** Posts the last status before the ones that led to it: for all messages (true) or for a share of them. */
  callbackReorder: z.union([z.boolean(), rate]).nullish(),
  /** Share of status callbacks that are never posted. */
  callbackDropRate: rate.nullish(),
  /** Share of customers' texts whose webhooks are never posted; the texts are in the log. */
  inboundDropRate: rate.nullish(),
  /** Share of customers' texts whose webhooks are posted twice. */
  inboundDuplicateRate: rate.nullish(),
  /** Same seed, same messages, same faults. Chosen and reported when left out. */
  seed: z.number().int().min(0).max(0xffff_ffff).nullish(),
});

export type FaultSettings = z.output<typeof faultsSchema>;

export interface Faults {
  latencyMs: number;
  rejectRate: number;
  error: number;
  timeoutRate: number;
  acceptThenDropRate: number;
  rate429: number;
  callbackDelayMs: number;
  callbackDuplicateRate: number;
  callbackReorder: number;
  callbackDropRate: number;
  inboundDropRate: number;
  inboundDuplicateRate: number;
  seed: number;
}

/** Refusing by default means: this pair of numbers cannot be routed. */
const defaultError = 21612;

export type CreateFault = 'none' | 'throttle' | 'hang' | 'reject' | 'drop';

export interface CallbackFault {
  delayMs: number;
  duplicate: boolean;
  drop: boolean;
}

/**
 * Decides which request or callback suffers which fault. A decision depends on the seed, the recipient and how many
 * creates that recipient has had since the faults were set, never on the order in which requests of different
 * recipients happen to arrive: the same load gives the same faults however many workers push it.
 */
export class FaultInjector {
  #faults = readSettings({});
  #active = false;
  #creates = new Map<string, number>();

  get current(): Readonly<Faults> {
    return this.#faults;
  }

  /** Replaces all faults and starts the counting anew. */
  set(settings: FaultSettings): Readonly<Faults> {
    this.#faults = readSettings(settings);
    this.#creates = new Map();
    const { rejectRate, timeoutRate, acceptThenDropRate, rate429, ...others } = this.#faults;
    const { callbackDuplicateRate, callbackReorder, callbackDropRate } = others;
    const onCreate = rejectRate + timeoutRate + acceptThenDropRate + rate429;
    const onCallback = callbackDuplicateRate + callbackReorder + callbackDropRate;
    this.#active = onCreate + onCallback + others.inboundDropRate + others.inboundDuplicateRate > 0;
    return this.#faults;
  }

  clear(): void {
    this.set({});
  }

  /** The key for all draws of one create. */
  keyFor(recipient: string): number {
    if (!this.#active) return 0;
    const count = (this.#creates.get(recipient) ?? 0) + 1;
    if (this.#creates.size >= maxRecipients) this.#creates.clear();
    this.#creates.set(recipient, count);
    return mix(hashText(recipient, this.#faults.seed) ^ Math.imul(count, 0x9e3779b1));
  }

  forCreate(key: number): CreateFault {
    if (!this.#active) return 'none';
    const { rate429, timeoutRate, rejectRate, acceptThenDropRate } = this.#faults;
    if (hits(key, 'rate429', rate429)) return 'throttle';
    if (hits(key, 'timeout', timeoutRate)) return 'hang';
    if (hits(key, 'reject', rejectRate)) return 'reject';
    if (hits(key, 'acceptThenDrop', acceptThenDropRate)) return 'drop';
    return 'none';
  }

  forCallback(key: number, status: string): CallbackFault {
    const { callbackDelayMs, callbackDuplicateRate, callbackDropRate } = this.#faults;
    return {
      delayMs: callbackDelayMs,
      duplicate: hits(key, `duplicate ${status}`, callbackDuplicateRate),
      drop: hits(key, `lost ${status}`, callbackDropRate),
    };
  }

  /** How often a text's webhook is posted. */
  timesInbound(key: number): 0 | 1 | 2 {
    if (hits(key, 'inbound lost', this.#faults.inboundDropRate)) return 0;
    return hits(key, 'inbound twice', this.#faults.inboundDuplicateRate) ? 2 : 1;
  }

  reorders(key: number): boolean {
    return hits(key, 'reorder', this.#faults.callbackReorder);
  }
}

/** Recipients counted before the counting starts anew, so that memory stays bounded. */
const maxRecipients = 500_000;

function readSettings(settings: FaultSettings): Faults {
  const reorder = settings.callbackReorder ?? 0;
  return {
    latencyMs: settings.latencyMs ?? 0,
    rejectRate: settings.rejectRate ?? (settings.error ? 1 : 0),
    error: settings.error ?? defaultError,
    timeoutRate: settings.timeoutRate ?? 0,
    acceptThenDropRate: settings.acceptThenDropRate ?? 0,
    rate429: settings.rate429 ?? 0,
    callbackDelayMs: settings.callbackDelayMs ?? 0,
    callbackDuplicateRate: settings.callbackDuplicateRate ?? 0,
    callbackReorder: typeof reorder === 'boolean' ? Number(reorder) : reorder,
    callbackDropRate: settings.callbackDropRate ?? 0,
    inboundDropRate: settings.inboundDropRate ?? 0,
    inboundDuplicateRate: settings.inboundDuplicateRate ?? 0,
    seed: settings.seed ?? Math.floor(Math.random() * 0xffff_ffff),
  };
}

function hits(key: number, purpose: string, share: number): boolean {
  if (share <= 0) return false;
  return mix(hashText(purpose, key)) / 0x1_0000_0000 < share;
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string, start: number): number {
  let hash = (0x811c9dc5 ^ start) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/** Spreads a hash evenly over 32 bits (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
