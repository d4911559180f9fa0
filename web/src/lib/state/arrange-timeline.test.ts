import { expect, test } from 'vitest';
import type { Message } from '#lib/data/records.ts';
import { messageAt } from '#lib/testing/records.ts';
import { arrangeTimeline, type TimelineRow } from './arrange-timeline.ts';
import type { TimelineMessage } from './merge-messages.ts';

const me = '01900000-0000-7000-8000-00000000bbbb';

function stored(
  sequence: number,
  moment: string,
  direction: Message['direction'],
  author: string | null = null,
): TimelineMessage {
  const message = messageAt(sequence, { created_at: moment, direction, author_id: author });
  return { kind: 'stored', message };
}

function describeRow(row: TimelineRow): string {
  if (row.kind !== 'message') return row.kind;
  return `${row.startsGroup ? 'start' : '-'}/${row.endsGroup ? 'end' : '-'}`;
}

const view = { timeZone: 'America/Chicago', myId: me, dividerSequence: null };

test('separates days by the calendar of the reader, not of UTC', () => {
  // 05:30 and 06:30 UTC are 23:30 and 00:30 in Chicago.
  const timeline = [
    stored(1, '2026-11-20T05:30:00Z', 'inbound'),
    stored(2, '2026-11-20T06:30:00Z', 'inbound'),
  ];
  expect(arrangeTimeline(timeline, view).map((row) => row.kind)).toEqual([
    'day',
    'message',
    'day',
    'message',
  ]);
});

test('groups what one person writes in quick succession', () => {
  const timeline = [
    stored(1, '2026-11-20T15:00:00Z', 'inbound'),
    stored(2, '2026-11-20T15:01:00Z', 'inbound'),
    stored(3, '2026-11-20T15:02:00Z', 'outbound', me),
  ];
  expect(arrangeTimeline(timeline, view).map(describeRow)).toEqual(['day', 'start/-', '-/end', 'start/end']);
});

test('starts a new group after a pause', () => {
  const timeline = [
    stored(1, '2026-11-20T15:00:00Z', 'inbound'),
    stored(2, '2026-11-20T15:20:00Z', 'inbound'),
  ];
  expect(arrangeTimeline(timeline, view).map(describeRow)).toEqual(['day', 'start/end', 'start/end']);
});

test('tells two colleagues apart', () => {
  const other = '01900000-0000-7000-8000-00000000cccc';
  const timeline = [
    stored(1, '2026-11-20T15:00:00Z', 'outbound', me),
    stored(2, '2026-11-20T15:00:30Z', 'outbound', other),
  ];
  expect(arrangeTimeline(timeline, view).map(describeRow)).toEqual(['day', 'start/end', 'start/end']);
});

test('starts a new group for what was found late, and says its day again', () => {
  const timeline = [
    stored(1, '2026-11-20T15:00:00Z', 'inbound'),
    stored(2, '2026-11-20T14:00:00Z', 'inbound'),
    stored(3, '2026-11-19T15:00:00Z', 'inbound'),
  ];
  expect(arrangeTimeline(timeline, view).map(describeRow)).toEqual([
    ...['day', 'start/end', 'start/end'],
    ...['day', 'start/end'],
  ]);
});

test('puts what I am sending into one group with what I sent', () => {
  const pending: TimelineMessage = {
    kind: 'pending',
    pending: {
      clientKey: '01900000-0000-4000-8000-00000000dddd',
      threadId: '01900000-0000-7000-8000-00000000aaaa',
      body: 'On my way',
      createdAt: '2026-11-20T15:00:30Z',
      state: 'sending',
      reason: null,
    },
  };
  const rows = arrangeTimeline([stored(1, '2026-11-20T15:00:00Z', 'outbound', me), pending], view);
  expect(rows.map(describeRow)).toEqual(['day', 'start/-', '-/end']);
});

test('draws the unread line above the first unread message and starts a group there', () => {
  const timeline = [
    stored(1, '2026-11-20T15:00:00Z', 'inbound'),
    stored(2, '2026-11-20T15:01:00Z', 'inbound'),
  ];
  const rows = arrangeTimeline(timeline, { ...view, dividerSequence: 2 });
  expect(rows.map(describeRow)).toEqual(['day', 'start/-', 'divider', 'start/end']);
});
