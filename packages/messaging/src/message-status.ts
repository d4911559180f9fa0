export const messageStatuses = [
  'scheduled',
  'queued',
  'held',
  'unknown',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'cancelled',
  'blocked',
  'received',
] as const;

export type MessageStatus = (typeof messageStatuses)[number];

const terminalRank = 4;

/**
 * How far along each status is. Status only ever rises in rank, so a report that comes late or twice changes nothing.
 * `sent` means the carrier took the message; `unknown` that we cannot tell whether it did.
 */
const rank: Record<MessageStatus, number> = {
  scheduled: 1,
  queued: 1,
  held: 1,
  unknown: 2,
  sent: 3,
  delivered: terminalRank,
  undelivered: terminalRank,
  failed: terminalRank,
  cancelled: terminalRank,
  blocked: terminalRank,
  received: terminalRank,
};

/** 1 (not yet with the carrier) to 4 (settled). */
export function statusRank(status: MessageStatus): number {
  return rank[status];
}

export function isMessageStatus(value: unknown): value is MessageStatus {
  return typeof value === 'string' && Object.hasOwn(rank, value);
}

/** Nothing that happens later can change this status. */
export function isTerminal(status: MessageStatus): boolean {
  return rank[status] === terminalRank;
}

/** Which of two observations stands: the higher rank, and of equals the one we had. */
export function laterStatus(current: MessageStatus, observed: MessageStatus): MessageStatus {
  return rank[observed] > rank[current] ? observed : current;
}
