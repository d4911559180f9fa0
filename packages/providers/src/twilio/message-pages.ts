import type { HttpReply } from '../http-client.ts';
import { isJsonObject, parseJsonObject, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { SendingAccount } from './send.ts';

/** Twilio gives up to 1000, but a page of the longest texts must stay well below a megabyte, which clients may refuse. */
export const PAGE_SIZE = 100;

/** Null when the answer is no list: an empty list has to be said in so many words. */
export function readPage(reply: HttpReply): { messages: JsonObject[]; next: string | null } | null {
  if (reply.status < 200 || reply.status >= 300) return null;
  const body = parseJsonObject(reply.text);
  const messages = body?.['messages'];
  if (!Array.isArray(messages) || !messages.every(isJsonObject)) return null;
  return { messages, next: textOf(body?.['next_page_uri']) };
}

/** The link is followed as given, and only on the carrier's own host: the credentials go with it. */
export function nextPage(account: SendingAccount, next: string | null): string | null {
  if (next === null) return null;
  const url = new URL(next, `${account.apiBaseUrl}/`);
  if (url.origin !== new URL(account.apiBaseUrl).origin) throw new Error('the next page is on another host');
  return url.href;
}

/** The moment a date of Twilio's names; null when it names none. */
export function timeOf(date: unknown): number | null {
  const time = Date.parse(textOf(date) ?? '');
  return Number.isNaN(time) ? null : time;
}

/**
 * Whether all that follows a page is older than a moment, by the times on the page. Newest first is what Twilio does and
 * nowhere promises: a page in any other order says nothing of the next.
 */
export function isOlderFrom(times: readonly (number | null)[], moment: number): boolean {
  const isNewestFirst = times.every((time, index) => {
    const previous = index === 0 ? Number.POSITIVE_INFINITY : times[index - 1];
    return time !== null && previous != null && time <= previous;
  });
  const last = times.at(-1);
  return isNewestFirst && last != null && last < moment;
}
