/** What one session does at one moment of the mix, written by chance. */
export interface Turn {
  /** A number from 0 to below 1. */
  roll: () => number;
  session: number;
  number: number;
}

/** One statement in a transaction of its own, as its caller in the product makes it. */
export type Step = (turn: Turn) => string;

/** The same numbers from 0 to below 1 in every run (mulberry32, public domain). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = (items: readonly string[], roll: () => number) =>
  items[Math.floor(roll() * items.length)] ?? '';
export const often = (times: number, step: Step): Step[] => Array.from({ length: times }, () => step);
export const json = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "''")}'::jsonb`;
/** The same call by a member, through the Data API. */
export const as = (who: string, call: string) =>
  `select tests.value_as('${who}', $call$ select public.${call} $call$)`;

/** Two accounts with a number each; the first customers write to both. */
export const ownNumbers = [
  { to: '+12125550100', name: 'acme number', provider: 'twilio', account_ref: 'AC-acme' },
  { to: '+12125550101', name: 'second number', provider: 'telnyx', account_ref: 'AC-second' },
] as const;
export const recipients = ['+14155550101', '+14155550102', '+14155550103', '+14155550104'];
/** The threads there are from the start: everybody's with the first number, and two with the second. */
export const threads = [
  ...recipients.map((of) => [of, 0] as const),
  ...recipients.slice(0, 2).map((of) => [of, 1] as const),
].map(
  ([recipient, own]) => `(select t.id from public.threads t join public.contacts c on c.id = t.contact_id
    where t.phone_number_id = tests.id('${ownNumbers[own].name}') and c.phone_number = '${recipient}')`,
);

/** Somebody does something to any one job that stands like this; `call` is what format makes of organization and job. */
export const toSomeJob = (who: string, statuses: string, call: string, where = 'true') =>
  `select tests.value_as('${who}', format('select public.${call}', j.organization_id, j.id)) from (
    select j.organization_id, j.id from public.message_jobs j
    where j.organization_id = tests.id('acme') and j.status in (${statuses}) and ${where} order by random() limit 1) j`;

/**
 * A carrier that does not lie: an attempt's id says whether it takes the message, refuses it, or is never even called,
 * because its worker falls before. What a carrier took it may report on, and answers so; what it did not take it has
 * never heard of.
 */
export const fate = (attempt: string) =>
  `case when abs(hashtext(${attempt}.id::text)) % 10 < 2 then 'refused' when abs(hashtext(${attempt}.id::text)) % 10 = 2 then 'uncalled'
    else 'taken' end`;

/** Of what the carrier keeps, whether it gives it back when it is asked to. */
export const isGivenBack = (attempt: string) => `abs(hashtext(reverse(${attempt}::text))) % 3 > 0`;
