import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { PUBLIC_SUPABASE_URL } from '$app/env/public';
import { DataError } from '#lib/data/errors.ts';
import { connectRequest, findUser } from '#lib/server/session.ts';
import { readTimeZone } from '#lib/server/time-zone.ts';

export const handle: Handle = async ({ event, resolve }) => {
  const { client, headers } = connectRequest(event);
  event.locals.supabase = client;
  // Early, because a session refreshed after the answer has begun would be lost.
  event.locals.user = await findUser(client);
  event.locals.timeZone = readTimeZone(event.cookies);

  const response = await resolve(event, {
    filterSerializedResponseHeaders: (name) => name === 'content-range',
  });
  for (const [name, value] of headers) response.headers.set(name, value);
  secure(response.headers);
  return response;
};

export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind === 'app') return { status: error.status, message: error.message };
  if (kind === 'framework') return { status: error.status, message: error.message };
  if (error instanceof DataError && error.kind === 'offline') return { status: 503, message: error.message };
  if (kind === 'validation') return { status: 400, message: 'This request is not valid.' };
  console.error(JSON.stringify({ level: 'error', route: event.route.id, error: String(error) }));
  return { status: 500, message: 'Something went wrong on our side.' };
};

function secure(headers: Headers): void {
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'same-origin');
  const policy = headers.get('content-security-policy');
  if (policy === null) return;
  const socket = PUBLIC_SUPABASE_URL.replace(/^http/, 'ws');
  headers.set(
    'content-security-policy',
    `${policy}; connect-src 'self' ${PUBLIC_SUPABASE_URL} ${socket}; img-src 'self' data: blob: ${PUBLIC_SUPABASE_URL}`,
  );
}
