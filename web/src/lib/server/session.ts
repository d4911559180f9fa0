import { createServerClient } from '@supabase/ssr';
import type { Cookies, RequestEvent } from '@sveltejs/kit';
import { PUBLIC_SUPABASE_PUBLISHABLE_KEY, PUBLIC_SUPABASE_URL } from '$app/env/public';
import type { Client, Unparsed } from '#lib/data/client.ts';

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

/** The signed-in person, verified with the Auth server; a session from a cookie alone proves nothing. */
export async function findUser(client: Client): Promise<SignedInUser | null> {
  // Parallel requests may race to refresh one session; the loser finds the winner's on a second look.
  for (const _attempt of [1, 2]) {
    const { data: session } = await client.auth.getSession();
    if (session.session === null) return null;
    const { data, error } = await client.auth.getClaims();
    if (data !== null) return { id: data.claims.sub, email: data.claims.email ?? '' };
    if (error !== null && error.status !== undefined && error.status < 500) continue;
  }
  return null;
}

type CookieOptions = NonNullable<Parameters<Cookies['set']>[2]>;

function writeCookie(cookies: Cookies, name: string, value: string, options: CookieOptions): void {
  // The browser's own client reads the session from the same cookies, so they cannot be httpOnly.
  cookies.set(name, value, { ...options, path: '/', httpOnly: false });
}
