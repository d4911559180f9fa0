import type { Cookies } from '@sveltejs/kit';

/** The reader's time zone as their browser last told us, so that server and browser print the same times. */
export function readTimeZone(cookies: Cookies): string {
  const name = cookies.get('threadline-time-zone');
  if (name === undefined) return 'UTC';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    // A RangeError: the cookie holds no time zone.
    return 'UTC';
  }
}
