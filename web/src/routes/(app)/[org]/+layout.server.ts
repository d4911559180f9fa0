import { error, redirect } from '@sveltejs/kit';
import type { Client } from '#lib/data/client.ts';
import { DataError, toDataError } from '#lib/data/errors.ts';
import { fetchInboxPage } from '#lib/data/inbox.ts';
import { findMembership } from '#lib/data/members.ts';
import { listOrganizations, listPhoneNumbers, listSuspensions } from '#lib/data/organizations.ts';
import { fetchThreadPage } from '#lib/data/threads.ts';
import { suspendedWords } from '#lib/suspension.ts';
import type { LayoutServerLoad } from './$types';

const notFound = 'There is nothing here, or it is not yours to see.';

/** Who may be here at all, and what the first paint shows. From then on the browser asks the API itself. */
export const load: LayoutServerLoad = async ({ locals, params, url, untrack }) => {
  const { user, supabase } = locals;
  // Untracked: going from thread to thread must not come back to this server.
  const threadId = untrack(() => ('thread' in params ? params.thread : undefined));
  if (user === null) redirect(303, `/sign-in?next=${encodeURIComponent(untrack(() => url.pathname))}`);
  try {
    return await fetchWorkspace(supabase, user.id, params.org, threadId);
  } catch (thrown) {
    const { kind, code, message } = toDataError(thrown);
    if (code === 'not_permitted') await refuseSuspended(supabase, params.org);
    if (code === 'not_permitted') error(404, notFound);
    if (kind === 'signed_out') redirect(303, '/sign-in');
    if (kind === 'offline') error(503, message);
    throw thrown;
  }
};

/** A suspended member learns why there is nothing here; everybody else learns nothing. */
async function refuseSuspended(client: Client, name: string): Promise<void> {
  const suspensions = await listSuspensions(client).catch(() => []);
  const suspension = suspensions.find(({ id, slug }) => slug === name || id === name);
  if (suspension !== undefined) error(403, suspendedWords(suspension.name));
}

/** Throws a DataError; `not_permitted` for whatever is not there or not theirs. */
async function fetchWorkspace(client: Client, userId: string, name: string, threadId: string | undefined) {
  const organizations = await listOrganizations(client);
  const organization = organizations.find(({ id, slug }) => slug === name || id === name);
  if (organization === undefined) throw new DataError('refused', notFound, 'not_permitted');
  const [me, phoneNumbers, inboxPage, openedThread] = await Promise.all([
    findMembership(client, organization.id, userId),
    listPhoneNumbers(client, organization.id),
    fetchInboxPage(client, organization.id),
    threadId === undefined ? null : fetchThreadPage(client, threadId),
  ]);
  // A thread of another organization of theirs is readable, but not under this address.
  const isElsewhere = openedThread !== null && openedThread.thread.organization_id !== organization.id;
  if (me === null || isElsewhere) throw new DataError('refused', notFound, 'not_permitted');
  return { organizations, organization, me, phoneNumbers, inboxPage, openedThread };
}
