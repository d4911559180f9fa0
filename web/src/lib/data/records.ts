import { messageStatuses } from '@threadline/messaging/message-status';
import { z } from './schema.ts';

export const moment = z.iso.datetime({ offset: true });

export const threadPhoneNumber = z.object({ id: z.guid(), phone_number: z.string(), label: z.string() });

const lastMessage = z.object({
  id: z.guid(),
  sequence: z.int(),
  direction: z.enum(['inbound', 'outbound']),
  preview: z.string(),
  has_media: z.boolean(),
  status: z.enum(messageStatuses),
  author_name: z.string().nullable(),
  created_at: moment,
});

/** A thread as the inbox shows it, without what differs from reader to reader. */
export const threadSummaryForAll = z.object({
  id: z.guid(),
  organization_id: z.guid(),
  status: z.string(),
  assignee_id: z.guid().nullable(),
  contact: z.object({
    id: z.guid(),
    phone_number: z.string(),
    name: z.string().nullable(),
    time_zone: z.string().nullable(),
  }),
  phone_number: threadPhoneNumber,
  last_message: lastMessage.nullable(),
  last_message_at: moment,
  last_sequence: z.int(),
  last_inbound_sequence: z.int(),
  opted_out: z.boolean(),
  updated_at: moment,
});

export const threadSummary = threadSummaryForAll.extend({ unread_count: z.int().nonnegative() });

export const media = z.object({
  id: z.guid(),
  position: z.int(),
  content_type: z.string(),
  size_bytes: z.int().nullable(),
  storage_path: z.string().nullable(),
  status: z.enum(['pending', 'stored', 'failed']),
});

export const message = z.object({
  id: z.guid(),
  thread_id: z.guid(),
  sequence: z.int(),
  direction: z.enum(['inbound', 'outbound']),
  body: z.string(),
  status: z.enum(messageStatuses),
  segments: z.int(),
  author_id: z.guid().nullable(),
  author_name: z.string().nullable(),
  client_key: z.guid().nullable(),
  error_code: z.string().nullable(),
  error_text: z.string().nullable(),
  /** Until when the carrier keeps it, who then sends it. */
  carrier_holds_until: moment.nullable().default(null),
  /** Until when it waits because its author sent faster than the organization allows. */
  delayed_until: moment.nullable(),
  created_at: moment,
  sent_at: moment.nullable(),
  delivered_at: moment.nullable(),
  media: z.array(media),
});

export const organization = z.object({
  id: z.guid(),
  name: z.string(),
  slug: z.string(),
  time_zone: z.string(),
});

export const role = z.enum(['owner', 'admin', 'agent']);

export const member = z.object({
  user_id: z.guid(),
  role,
  display_name: z.string(),
  email: z.string(),
  status: z.enum(['active', 'suspended']),
});

export const phoneNumber = z.object({
  id: z.guid(),
  phone_number: z.string(),
  label: z.string(),
  status: z.enum(['active', 'paused']),
});

export const invitation = z.object({
  id: z.guid(),
  email: z.string(),
  role,
  created_at: moment,
  expires_at: moment,
});

export type ThreadSummaryForAll = z.infer<typeof threadSummaryForAll>;
export type ThreadSummary = z.infer<typeof threadSummary>;
export type MessageMedia = z.infer<typeof media>;
export type Message = z.infer<typeof message>;
export type Organization = z.infer<typeof organization>;
export type Role = z.infer<typeof role>;
export type Member = z.infer<typeof member>;
export type PhoneNumber = z.infer<typeof phoneNumber>;
export type Invitation = z.infer<typeof invitation>;
