import { dayOf } from '#lib/format.ts';
import { timelineKey, type TimelineMessage } from './merge-messages.ts';

export type TimelineRow =
  | { kind: 'day'; key: string; moment: string }
  | { kind: 'divider'; key: string }
  | {
      kind: 'message';
      key: string;
      item: TimelineMessage;
      /** First of several in a row by the same person: says who. */
      startsGroup: boolean;
      /** Last of them: closes the shape. */
      endsGroup: boolean;
    };

/** Milliseconds after which the same person's next message starts a group of its own. */
const groupPause = 5 * 60_000;

export interface TimelineView {
  timeZone: string;
  /** The reader: what they have just written belongs with what is stored as theirs. */
  myId: string;
  /** The unread line goes above this message. */
  dividerSequence: number | null;
}

/** Day separators, the line above what is unread, and messages grouped by who wrote them. */
export function arrangeTimeline(timeline: TimelineMessage[], view: TimelineView): TimelineRow[] {
  const { timeZone, myId, dividerSequence } = view;
  const rows: TimelineRow[] = [];
  let previous: TimelineMessage | null = null;
  for (const [index, item] of timeline.entries()) {
    const day = dayOf(momentOf(item), timeZone);
    const isNewDay = previous === null || dayOf(momentOf(previous), timeZone) !== day;
    if (isNewDay) rows.push({ kind: 'day', key: `day-${day}-${timelineKey(item)}`, moment: momentOf(item) });
    const isDivided = item.kind === 'stored' && item.message.sequence === dividerSequence;
    if (isDivided) rows.push({ kind: 'divider', key: 'divider' });
    const next = timeline[index + 1];
    rows.push({
      kind: 'message',
      key: timelineKey(item),
      item,
      startsGroup: isNewDay || isDivided || previous === null || !belongTogether(previous, item, myId),
      endsGroup: next === undefined || !belongTogether(item, next, myId),
    });
    previous = item;
  }
  return rows;
}

export function momentOf(item: TimelineMessage): string {
  return item.kind === 'stored' ? item.message.created_at : item.pending.createdAt;
}

function belongTogether(a: TimelineMessage, b: TimelineMessage, myId: string): boolean {
  return (
    speakerOf(a, myId) === speakerOf(b, myId) &&
    // Either way: one that was found late is older than the one above it.
    Math.abs(Date.parse(momentOf(b)) - Date.parse(momentOf(a))) < groupPause
  );
}

function speakerOf(item: TimelineMessage, myId: string): string {
  if (item.kind === 'pending') return `outbound:${myId}`;
  const { direction, author_id } = item.message;
  return direction === 'inbound' ? 'inbound' : `outbound:${author_id ?? 'automatic'}`;
}
