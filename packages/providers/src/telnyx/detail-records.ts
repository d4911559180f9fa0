import type { HttpReply } from '../http-client.ts';
import { countOf, isJsonObject, parseJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { SendingAccount } from './send.ts';

/** The largest page Telnyx gives. */
const PAGE_SIZE = 50;
const DAY_MS = 86_400_000;

export interface RecordQuery {
  /** By field, exact. */
  readonly filters: Readonly<Record<string, string>>;
  readonly since: Date;
  readonly until: Date;
  /** Counted from 1. */
  readonly page: number;
}

/**
 * A page of the records of messages; Telnyx has no list of the messages themselves. Whole days, and one more on either
 * side: the zone they are counted in is not documented.
 * Source: developers.telnyx.com/api-reference/detail-records/search-detail-records.
 */
export function detailRecordsUrl(account: SendingAccount, query: RecordQuery): string {
  const parameters = new URLSearchParams({
    'filter[record_type]': 'messaging',
    ...Object.fromEntries(Object.entries(query.filters).map(([field, value]) => [`filter[${field}]`, value])),
    'filter[created_at][gte]': toDay(query.since.getTime() - DAY_MS),
    'filter[created_at][lt]': toDay(query.until.getTime() + 2 * DAY_MS),
    'page[number]': String(query.page),
    'page[size]': String(PAGE_SIZE),
  });
  return `${account.apiBaseUrl}/v2/detail_records?${parameters.toString()}`;
}

function toDay(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

/** Null when the answer is no list: an empty list has to be said in so many words. */
export function readRecords(reply: HttpReply, page: number): { records: JsonObject[]; pages: number } | null {
  if (reply.status < 200 || reply.status >= 300) return null;
  const body = parseJsonObject(reply.text);
  const records = body?.['data'];
  if (!Array.isArray(records) || !records.every(isJsonObject)) return null;
  const meta = body?.['meta'];
  const pages = isJsonObject(meta) ? countOf(meta['total_pages']) : null;
  if (pages === null && records.length >= PAGE_SIZE) return null;
  return { records, pages: pages ?? page };
}
