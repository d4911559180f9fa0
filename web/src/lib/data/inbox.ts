import { z } from './schema.ts';
import type { Client } from './client.ts';
import { unwrap } from './errors.ts';
import { threadSummary, type ThreadSummary } from './records.ts';

const page = z.object({ threads: z.array(threadSummary), cursor: z.string(), snapshot: z.string() });
const changes = page.extend({ has_more: z.boolean(), reset: z.boolean().default(false) });

export type InboxPage = z.infer<typeof page>;

export interface InboxChanges extends InboxPage {
  /** The cursor is from before a restore of the database: what is known may be wrong. */
  reset: boolean;
}

export const inboxPageSize = 50;

/** One page of threads, newest activity first, after the row `before`; the cursor is the moment of the answer. */
export async function fetchInboxPage(
  client: Client,
  organizationId: string,
  before?: ThreadSummary,
): Promise<InboxPage> {
  const answer = await client.rpc('inbox_page', {
    p_organization_id: organizationId,
    p_before_at: before?.last_message_at ?? null,
    p_before_id: before?.id ?? null,
    p_limit: inboxPageSize,
  });
  return unwrap(page, answer);
}

/**
 * Every thread that changed since the cursor (some may come twice, none is missed), the cursor to go on from, and the
 * snapshot that says what could be seen.
 */
export async function fetchInboxChanges(
  client: Client,
  organizationId: string,
  since: string,
): Promise<InboxChanges> {
  const threads: ThreadSummary[] = [];
  let cursor = since;
  let snapshot: string | undefined;
  for (;;) {
    const answer = await client.rpc('inbox_changes', { p_organization_id: organizationId, p_since: cursor });
    const batch = unwrap(changes, answer);
    threads.push(...batch.threads);
    cursor = batch.cursor;
    // Pages after the first go on from a place in it: they look for nothing that it could not see.
    snapshot ??= batch.snapshot;
    if (!batch.has_more) return { threads, cursor, snapshot, reset: batch.reset };
  }
}
