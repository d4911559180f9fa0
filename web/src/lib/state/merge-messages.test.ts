import { describe, expect, test } from 'vitest';
import type { MessageMedia } from '#lib/data/records.ts';
import { messageAt } from '#lib/testing/records.ts';
import {
  buildTimeline,
  firstUnreadSequence,
  mergeMessage,
  mergeMessages,
  timelineKey,
  type PendingMessage,
} from './merge-messages.ts';

const outbound = messageAt(1, {
  direction: 'outbound',
  status: 'queued',
  author_id: '01900000-0000-7000-8000-00000000bbbb',
  author_name: 'Ann',
  client_key: '01900000-0000-4000-8000-00000000cccc',
});
const inbound = messageAt(2);
const third = messageAt(3);

const picture: MessageMedia = {
  id: '01900000-0000-7000-8000-00000000dddd',
  position: 0,
  content_type: 'image/jpeg',
  size_bytes: null,
  storage_path: null,
  status: 'pending',
};

const pending: PendingMessage = {
  clientKey: '01900000-0000-4000-8000-00000000cccc',
  threadId: outbound.thread_id,
  body: outbound.body,
  createdAt: outbound.created_at,
  state: 'sending',
  reason: null,
};

describe('mergeMessage', () => {
  test('takes a status that is further along', () => {
    expect(mergeMessage(outbound, { ...outbound, status: 'delivered' }).status).toBe('delivered');
  });

  test('keeps a delivered message delivered when an older broadcast arrives late', () => {
    expect(mergeMessage({ ...outbound, status: 'delivered' }, outbound).status).toBe('delivered');
  });

  test('shows that the carrier keeps what nobody was sure of', () => {
    const unknown = { ...outbound, status: 'unknown' as const };
    const kept = {
      ...outbound,
      status: 'scheduled' as const,
      carrier_holds_until: '2026-11-21T15:00:00+00:00',
    };
    expect(mergeMessage(unknown, kept)).toEqual(kept);
    expect(mergeMessage(unknown, { ...kept, carrier_holds_until: null })).toEqual(unknown);
  });

  test('keeps a stored picture when the status that comes with a pending one is newer', () => {
    const stored = { ...picture, status: 'stored' as const, storage_path: 'org/message/0.jpg' };
    const merged = mergeMessage({ ...inbound, media: [stored] }, { ...inbound, media: [picture] });
    expect(merged.media).toEqual([stored]);
  });
});

describe('mergeMessages', () => {
  test('orders by sequence whatever the order of arrival', () => {
    expect(mergeMessages([inbound], [outbound]).map((message) => message.sequence)).toEqual([1, 2]);
  });

  test('shows a message once that comes by broadcast and again by cursor', () => {
    expect(mergeMessages([outbound, inbound], [inbound, outbound])).toHaveLength(2);
  });

  test('answers with the same array when nothing was observed', () => {
    const known = [outbound];
    expect(mergeMessages(known, [])).toBe(known);
  });
});

describe('buildTimeline', () => {
  test('puts what is pending after what is stored', () => {
    const other = { ...pending, clientKey: '01900000-0000-4000-8000-00000000eeee' };
    expect(buildTimeline([outbound, inbound], [other]).map((item) => item.kind)).toEqual([
      'stored',
      'stored',
      'pending',
    ]);
  });

  test('drops a pending message once its client key is stored', () => {
    expect(buildTimeline([outbound], [pending])).toEqual([{ kind: 'stored', message: outbound }]);
  });

  test('keeps the row key of a message when it turns from pending to stored', () => {
    const [before] = buildTimeline([], [pending]);
    const [after] = buildTimeline([outbound], [pending]);
    expect(before && timelineKey(before)).toBe(after && timelineKey(after));
  });
});

describe('firstUnreadSequence', () => {
  test('counts inbound messages from the end', () => {
    expect(firstUnreadSequence([outbound, inbound, third], 1)).toBe(3);
    expect(firstUnreadSequence([outbound, inbound, third], 2)).toBe(2);
  });

  test('is null when the first unread message was not loaded', () => {
    expect(firstUnreadSequence([outbound, inbound, third], 40)).toBeNull();
  });

  test('is null when everything is read or nothing is inbound', () => {
    expect(firstUnreadSequence([inbound], 0)).toBeNull();
    expect(firstUnreadSequence([outbound], 3)).toBeNull();
  });
});
