import { z } from './schema.ts';
import type { Client } from './client.ts';
import { DataError, unwrap } from './errors.ts';
import { message, threadSummary, type Message } from './records.ts';

const page = z.object({
  thread: threadSummary,
  messages: z.array(message),
  cursor: z.string(),
  snapshot: z.string(),
  has_more: z.boolean(),
});
const changes = z.object({
  messages: z.array(message),
  cursor: z.string(),
  snapshot: z.string(),
  has_more: z.boolean(),
  reset: z.boolean().default(false),
});

export type ThreadPage = z.infer<typeof page>;

export interface ThreadChanges {
  messages: Message[];
  cursor: string;
  /** What could be seen, as the database writes it. */
  snapshot: string;
  /** The cursor is from before a restore of the database: what is known may be wrong. */
  reset: boolean;
}

const pageSize = 50;

/** Messages before `beforeSequence`, or the newest, ascending by sequence, and the cursor of this moment. */
export async function fetchThreadPage(
  client: Client,
  threadId: string,
  beforeSequence?: number,
): Promise<ThreadPage> {
  const answer = await client.rpc('thread_messages', {
    p_thread_id: threadId,
    p_before_sequence: beforeSequence ?? null,
    p_limit: pageSize,
  });
  const found = unwrap(page.nullable(), answer);
  if (found === null) throw new DataError('refused', 'There is no such conversation here.', 'not_permitted');
  return found;
}

/** Every message that is new or changed since the cursor; some may come twice, none is missed. */
export async function fetchThreadChanges(
  client: Client,
  threadId: string,
  since: string,
): Promise<ThreadChanges> {
  const messages: Message[] = [];
  let cursor = since;
  let snapshot: string | undefined;
  for (;;) {
    const answer = await client.rpc('thread_changes', { p_thread_id: threadId, p_since: cursor });
    const batch = unwrap(changes, answer);
    messages.push(...batch.messages);
    cursor = batch.cursor;
    snapshot ??= batch.snapshot;
    if (!batch.has_more) return { messages, cursor, snapshot, reset: batch.reset };
  }
}

/** Finds or makes the thread between one of our numbers and `recipient` (E.164); returns its id. */
export async function openThread(
  client: Client,
  organizationId: string,
  phoneNumberId: string,
  recipient: string,
  contactName: string | null,
): Promise<string> {
  const answer = await client.rpc('open_thread', {
    p_organization_id: organizationId,
    p_phone_number_id: phoneNumberId,
    p_recipient: recipient,
    p_contact_name: contactName,
  });
  return unwrap(z.guid(), answer);
}

export async function markThreadRead(client: Client, threadId: string, sequence: number): Promise<void> {
  const answer = await client.rpc('mark_thread_read', { p_thread_id: threadId, p_sequence: sequence });
  unwrap(z.unknown(), answer);
}

/** Sends. The same `clientKey` again answers with the same message and sends nothing. */
export async function sendMessage(
  client: Client,
  threadId: string,
  body: string,
  clientKey: string,
): Promise<Message> {
  const answer = await client.rpc('send_message', {
    p_thread_id: threadId,
    p_body: body,
    p_client_key: clientKey,
  });
  return unwrap(message, answer);
}
