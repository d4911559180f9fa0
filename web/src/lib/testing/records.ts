import type { Message, ThreadSummary } from '#lib/data/records.ts';

const threadId = '01900000-0000-7000-8000-00000000aaaa';

/** A message as the database sends it; inbound unless changed. */
export function messageAt(sequence: number, change: Partial<Message> = {}): Message {
  return {
    id: `01900000-0000-7000-8000-0000000000${String(sequence).padStart(2, '0')}`,
    thread_id: threadId,
    sequence,
    direction: 'inbound',
    body: `Message ${sequence}`,
    status: 'received',
    segments: 1,
    author_id: null,
    author_name: null,
    client_key: null,
    error_code: null,
    error_text: null,
    carrier_holds_until: null,
    delayed_until: null,
    created_at: '2026-11-20T15:00:00+00:00',
    sent_at: null,
    delivered_at: null,
    media: [],
    ...change,
  };
}

/** A thread whose last activity was at minute `minute`; its id ends in the same digits. */
export function threadAt(minute: number, change: Partial<ThreadSummary> = {}): ThreadSummary {
  const digits = String(minute).padStart(2, '0');
  const moment = `2026-11-20T07:${digits}:00+00:00`;
  return {
    id: `01900000-0000-7000-8000-0000000000${digits}`,
    organization_id: '01900000-0000-7000-8000-00000000bbbb',
    status: 'open',
    assignee_id: null,
    contact: {
      id: `01900000-0000-7000-8000-0000000001${digits}`,
      phone_number: '+13125550123',
      name: null,
      time_zone: null,
    },
    phone_number: { id: '01900000-0000-7000-8000-00000000cccc', phone_number: '+13125550100', label: '' },
    last_message: null,
    last_message_at: moment,
    last_sequence: 4,
    last_inbound_sequence: 4,
    opted_out: false,
    updated_at: moment,
    unread_count: 1,
    ...change,
  };
}

/** The minutes `threadAt` was given, in the order of the rows. */
export function minutesOf(rows: ThreadSummary[]): number[] {
  return rows.map((row) => Number(row.id.slice(-2)));
}
