import type { SendErrorCode, SendOutcome } from '@threadline/providers';

/** What an outcome says against the account it went through, not against the message. */
export interface Trouble {
  readonly reason: SendErrorCode;
  /** One such answer is proof enough; otherwise it takes a share of many. */
  readonly isCertain: boolean;
  /** Seconds to leave the account alone the first time. */
  readonly pauseSeconds: number;
  /** The pause doubles with every probe that fails, up to this. */
  readonly longestPauseSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Sign-in or permission: a person has to act, so somebody looks now and then whether one has. */
const locked = { isCertain: true, pauseSeconds: MINUTE, longestPauseSeconds: 15 * MINUTE };
/** Outages often end within seconds, and a call that gets no answer leaves a message in doubt. */
const outage = { isCertain: false, pauseSeconds: 5, longestPauseSeconds: 2 * MINUTE };

/**
 * Every code that concerns a whole account. Those that concern one sender, country or recipient are not here: they must
 * not stop the others. Being throttled is none either: the database then gives the account fewer lines.
 */
const accountWide: Partial<Record<SendErrorCode, Omit<Trouble, 'reason'>>> = {
  account_unauthorized: locked,
  account_suspended: { ...locked, pauseSeconds: 15 * MINUTE },
  // A rolling day at the carrier: it says itself when to come again, or an hour is a fair guess.
  daily_limit_reached: { isCertain: true, pauseSeconds: HOUR, longestPauseSeconds: 24 * HOUR },
  provider_unreachable: outage,
  no_answer: outage,
};

/** Null when the carrier answered as a carrier in order does, be it with a refusal. */
export function troubleOf(outcome: SendOutcome): Trouble | null {
  if (outcome.kind === 'accepted') return null;
  const facts = accountWide[outcome.code];
  if (facts === undefined) return null;
  const asked = 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : null;
  return { reason: outcome.code, ...facts, pauseSeconds: Math.max(facts.pauseSeconds, asked ?? 0) };
}
