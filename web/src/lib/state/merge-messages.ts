import { statusRank } from '@threadline/messaging/message-status';
import type { Message, MessageMedia } from '#lib/data/records.ts';

/** A message this browser has promised to send but the database has not confirmed. */
export interface PendingMessage {
  clientKey: string;
  threadId: string;
  body: string;
  createdAt: string;
  /** `waiting`: no way to the API, goes by itself; `refused`: our SQL said no, a person decides. */
  state: 'sending' | 'waiting' | 'refused';
  /** Plain words, when refused. */
  reason: string | null;
}

export type TimelineMessage =
  { kind: 'stored'; message: Message } | { kind: 'pending'; pending: PendingMessage };

const mediaRank: Record<MessageMedia['status'], number> = { pending: 1, failed: 2, stored: 3 };

/**
 * Two observations of one message as one. Broadcasts and answers overtake each other, so nothing goes by arrival:
 * status and media only ever move forward.
 */
export function mergeMessage(known: Message, observed: Message): Message {
  // The one way back: the carrier has it after all, and has not sent it yet.
  const isFound = known.status === 'unknown' && observed.carrier_holds_until !== null;
  const ahead = isFound || statusRank(observed.status) >= statusRank(known.status) ? observed : known;
  return { ...ahead, media: mergeMedia(known.media, observed.media) };
}

function mergeMedia(known: MessageMedia[], observed: MessageMedia[]): MessageMedia[] {
  const byId = new Map(known.map((item) => [item.id, item]));
  for (const item of observed) {
    const before = byId.get(item.id);
    if (before === undefined || mediaRank[item.status] >= mediaRank[before.status]) byId.set(item.id, item);
  }
  return [...byId.values()].sort((a, b) => a.position - b.position);
}

/** The known messages with the observed ones worked in, ascending by sequence; the same array when nothing is new. */
export function mergeMessages(known: Message[], observed: Message[]): Message[] {
  if (observed.length === 0) return known;
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of observed) {
    const before = byId.get(message.id);
    byId.set(message.id, before === undefined ? message : mergeMessage(before, message));
  }
  return [...byId.values()].sort((a, b) => a.sequence - b.sequence);
}

/**
 * What the thread shows: every stored message, then what is still pending in the order it was written. A pending
 * message whose client key is already stored is the same message and is left out.
 */
export function buildTimeline(stored: Message[], pending: PendingMessage[]): TimelineMessage[] {
  const storedKeys = new Set(stored.map((message) => message.client_key));
  return [
    ...stored.map((message): TimelineMessage => ({ kind: 'stored', message })),
    ...pending
      .filter((item) => !storedKeys.has(item.clientKey))
      .map((item): TimelineMessage => ({ kind: 'pending', pending: item })),
  ];
}

/** One row key per message for its whole life, so that the bubble of a confirmed message is the one already on screen. */
export function timelineKey(item: TimelineMessage): string {
  return item.kind === 'pending' ? item.pending.clientKey : (item.message.client_key ?? item.message.id);
}

/**
 * Sequence of the oldest inbound message among the last `unreadCount`; null when nothing is unread, or when it lies
 * further back than what is loaded.
 */
export function firstUnreadSequence(messages: Message[], unreadCount: number): number | null {
  if (unreadCount <= 0) return null;
  const inbound = messages.filter((message) => message.direction === 'inbound');
  return inbound.at(-unreadCount)?.sequence ?? null;
}
