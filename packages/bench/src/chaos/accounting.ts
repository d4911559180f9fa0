import type { CarrierMessage } from '../rig/carrier.ts';

/** A text somebody wanted sent. `order` counts within its thread. */
export type Intended = { body: string; thread: number; order: number };

/** What the database knows of a text: its job, its message, and every submission. */
export type Stored = {
  body: string;
  jobStatus: string;
  messageStatus: string | null;
  providerMessageId: string | null;
  attempts: readonly { id: string; state: string }[];
};

export type ViolationKind =
  /** Nowhere, or said to be sent while the carrier never took it, or given up without a refusal. */
  | 'lost'
  | 'sent_twice'
  | 'out_of_order'
  /** Neither on its way nor at an end. */
  | 'stuck'
  /** Shown as unknown although the carrier has it. */
  | 'unsettled'
  /** The database and the carrier tell different stories of how it ended. */
  | 'contradicted'
  /** A callback was acknowledged, and its news is not in the database. */
  | 'unheard'
  /** Still "sent", although the carrier knows the end and was there to be asked. */
  | 'unasked';

export type Violation = { kind: ViolationKind; body: string; explanation: string };

export type Account = {
  violations: Violation[];
  /** Messages by what became of them; they add up to what was intended. */
  ends: Record<'delivered' | 'sent' | 'undelivered' | 'refused' | 'unknown_shown' | 'other', number>;
};

const waiting = new Set(['scheduled', 'queued', 'held', 'processing']);
const notSent = new Set(['failed', 'dead', 'blocked', 'cancelled']);
const sent = new Set(['sent', 'delivered', 'undelivered']);

/**
 * Accounts for every intended text from the carrier's log and the database; our own logs are not asked.
 * @param options.isAsked reports that never came have been asked for
 */
export function accountFor(
  intended: readonly Intended[],
  stored: readonly Stored[],
  carrier: readonly CarrierMessage[],
  { isAsked = false }: { isAsked?: boolean } = {},
): Account {
  const violations: Violation[] = [];
  const ends: Account['ends'] = {
    delivered: 0,
    sent: 0,
    undelivered: 0,
    refused: 0,
    unknown_shown: 0,
    other: 0,
  };
  const storedByBody = groupBy(stored, ({ body }) => body);
  const takenByBody = groupBy(carrier, ({ body }) => body);
  for (const { body } of intended) {
    const [row, ...more] = storedByBody.get(body) ?? [];
    const taken = takenByBody.get(body) ?? [];
    const blame = (kind: ViolationKind, explanation: string): void =>
      void violations.push({ kind, body, explanation });
    if (more.length > 0) blame('sent_twice', `the database has it ${more.length + 1} times`);
    if (taken.length > 1) blame('sent_twice', `the carrier took it ${taken.length} times`);
    if (row === undefined) {
      blame('lost', taken.length > 0 ? 'the carrier has it, the database does not' : 'nobody knows it');
      ends.other += 1;
      continue;
    }
    judge(row, taken[0], blame);
    if (isAsked && row.jobStatus === 'sent' && isFinal(taken[0]))
      blame('unasked', `still sent, but the carrier says ${taken[0]?.status ?? 'nothing'}`);
    ends[endOf(row)] += 1;
  }
  return { violations: [...violations, ...findSwaps(intended, carrier)], ends };
}

function judge(
  row: Stored,
  taken: CarrierMessage | undefined,
  blame: (kind: ViolationKind, explanation: string) => void,
): void {
  const { jobStatus, messageStatus } = row;
  if (waiting.has(jobStatus)) blame('stuck', `its job is ${jobStatus} although nothing moves any more`);
  else if (row.attempts.some(({ state }) => state === 'submitting'))
    blame('stuck', 'an attempt is still open');
  if (sent.has(jobStatus) && taken === undefined)
    blame('lost', `said to be ${jobStatus}, but the carrier never took it`);
  if (notSent.has(jobStatus)) {
    if (taken !== undefined) blame('contradicted', `said to be ${jobStatus}, but the carrier took it`);
    else if (!row.attempts.some(({ state }) => state === 'not_sent' || state === 'later'))
      blame('lost', `given up as ${jobStatus} although no carrier refused it`);
  }
  if (jobStatus === 'unknown') {
    if (taken !== undefined) blame('unsettled', `the carrier has it as ${taken.sid}`);
    if (messageStatus !== 'unknown')
      blame('contradicted', `the job is unknown, its message ${messageStatus ?? 'missing'}`);
  }
  if (taken !== undefined && sent.has(jobStatus) && row.providerMessageId !== taken.sid)
    blame(
      'contradicted',
      `linked to ${row.providerMessageId ?? 'nothing'}, but the carrier calls it ${taken.sid}`,
    );
  if (taken?.callbacks.some(isAcknowledgedDelivery) === true && messageStatus !== 'delivered')
    blame('unheard', `"delivered" was acknowledged, the message is ${messageStatus ?? 'missing'}`);
}

/** Nothing more will be heard of it. */
export function isFinal(taken: CarrierMessage | undefined): boolean {
  return taken !== undefined && ['delivered', 'undelivered', 'failed'].includes(taken.status);
}

function isAcknowledgedDelivery({ status, httpStatus }: CarrierMessage['callbacks'][number]): boolean {
  return status === 'delivered' && httpStatus !== null && httpStatus >= 200 && httpStatus < 300;
}

function endOf({ jobStatus }: Stored): keyof Account['ends'] {
  if (jobStatus === 'delivered' || jobStatus === 'sent' || jobStatus === 'undelivered') return jobStatus;
  if (jobStatus === 'unknown') return 'unknown_shown';
  return notSent.has(jobStatus) ? 'refused' : 'other';
}

/** Texts of one thread must have reached the carrier in the order they were written. */
function findSwaps(intended: readonly Intended[], carrier: readonly CarrierMessage[]): Violation[] {
  const places = new Map(intended.map((text) => [text.body, text]));
  const latest = new Map<number, Intended>();
  const swaps: Violation[] = [];
  for (const { body } of [...carrier].sort((a, b) => a.sequence - b.sequence)) {
    const text = places.get(body);
    if (text === undefined) continue;
    const before = latest.get(text.thread);
    if (before !== undefined && before.order > text.order)
      swaps.push({ kind: 'out_of_order', body, explanation: `the carrier took "${before.body}" before it` });
    else latest.set(text.thread, text);
  }
  return swaps;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
