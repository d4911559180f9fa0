import { createServerClient } from '@supabase/ssr';
import { isAuthRetryableFetchError } from '@supabase/supabase-js';
import type { Cookies, RequestEvent } from '@sveltejs/kit';
import { PUBLIC_SUPABASE_PUBLISHABLE_KEY, PUBLIC_SUPABASE_URL } from '$app/env/public';
import type { Client, Unparsed } from '#lib/data/client.ts';
import { DataError } from '#lib/data/errors.ts';
import { limitFetch, requestLimit } from '#lib/data/limited-fetch.ts';

export interface SignedInUser {
  id: string;
  email: string;
}

/** The client of one request, and the headers its answer must carry when a session was written. */
export interface RequestClient {
  client: Client;
  headers: Headers;
}

/** Acts as the person whose cookies came with the request. One per request: it holds their session. */
export function connectRequest(event: RequestEvent): RequestClient {
  const headers = new Headers();
  const client = createServerClient<Unparsed>(PUBLIC_SUPABASE_URL, PUBLIC_SUPABASE_PUBLISHABLE_KEY, {
    global: { fetch: limitFetch(requestLimit) },
    cookies: {
      getAll: () => event.cookies.getAll(),
      setAll: (written, cacheHeaders) => {
        const secure = event.url.protocol === 'https:';
        for (const { name, value, options } of written)
          writeCookie(event.cookies, name, value, { ...options, secure });
        for (const [name, value] of Object.entries(cacheHeaders)) headers.set(name, value);
      },
    },
  });
  return { client, headers };
}

/**
 * The signed-in person, verified with the Auth server; a session from a cookie alone proves nothing.
 * Throws a DataError of kind `offline` when Auth does not answer: that is no reason to send anybody to the sign-in page.
 */
export async function findUser(client: Client): Promise<SignedInUser | null> {
  const { data: stored } = await client.auth.getSession();
  if (stored.session === null) return null;
  const { data, error } = await client.auth.getClaims();
  if (data !== null) return { id: data.claims.sub, email: data.claims.email ?? '' };
  if (error !== null && isAuthRetryableFetchError(error)) {
    throw new DataError('offline', 'Threadline cannot be reached right now.', null, error);
  }
  return null;
}

type CookieOptions = NonNullable<Parameters<Cookies['set']>[2]>;

function writeCookie(cookies: Cookies, name: string, value: string, options: CookieOptions): void {
  // The browser's own client reads the session from the same cookies, so they cannot be httpOnly.
  cookies.set(name, value, { ...options, path: '/', httpOnly: false });
}
