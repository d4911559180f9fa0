import type { Account } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import type { CarrierMessage } from '../core/message.ts';
import { readFilterSpan } from './dates.ts';
import { messageResource, messageUri } from './message-resource.ts';
import { refusal, type TwilioRefusal } from './twilio-error.ts';

const usualPageSize = 50;
const largestPage = 1000;

/** One page of the message list, newest first. */
export function listMessages(core: CarrierCore, account: Account, query: URLSearchParams) {
  const filter = readFilter(query);
  if (!filter) return refusal(20001, 'DateSent is not a valid date') satisfies TwilioRefusal;
  const pageSize = readCount(query.get('PageSize'), usualPageSize, 1, largestPage);
  const page = readCount(query.get('Page'), 0, 0, Number.MAX_SAFE_INTEGER);
  const before = readToken(query.get('PageToken')) ?? core.log.lastSequence + 1;
  const found: CarrierMessage[] = [];
  for (const message of newestFirst(core, query, before)) {
    if (message.accountSid !== account.accountSid || !filter(message)) continue;
    found.push(message);
    // One more than asked for tells whether there is a next page.
    if (found.length > pageSize) break;
  }
  const shown = found.slice(0, pageSize);
  const last = shown.at(-1);
  const uri = (number: number, token?: string) => pageUri(account, query, pageSize, number, token);
  const start = page * pageSize;
  return {
    messages: shown.map(messageResource),
    first_page_uri: uri(0),
    next_page_uri: found.length > pageSize && last ? uri(page + 1, `PA${last.sequence}`) : null,
    previous_page_uri: page > 0 ? uri(page - 1, query.get('PageToken') ?? undefined) : null,
    uri: uri(page, query.get('PageToken') ?? undefined),
    ...{ page, page_size: pageSize, start, end: Math.max(start, start + shown.length - 1) },
  };
}

/** Filters by date look at the moment of sending; what was never sent is not found by them. */
function readFilter(query: URLSearchParams): ((message: CarrierMessage) => boolean) | null {
  const [to, from] = [query.get('To'), query.get('From')];
  const on = readDate(query, 'DateSent');
  const until = readDate(query, 'DateSent<');
  const since = readDate(query, 'DateSent>');
  if (on === 'unreadable' || until === 'unreadable' || since === 'unreadable') return null;
  return (message) => {
    if (message.deleted || message.origin === 'automatic') return false;
    if (to !== null && to !== '' && message.to !== to) return false;
    if (from !== null && from !== '' && message.from !== from) return false;
    if (!on && !until && !since) return true;
    const sentAt = message.origin === 'inbound' ? message.submittedAt : message.sentAt;
    if (sentAt === null) return false;
    if (on && (sentAt < on.from || sentAt >= on.until)) return false;
    return !(until && sentAt >= until.until) && !(since && sentAt < since.from);
  };
}

function readDate(
  query: URLSearchParams,
  name: string,
): { from: number; until: number } | 'unreadable' | null {
  const text = query.get(name);
  return text === null || text === '' ? null : (readFilterSpan(text) ?? 'unreadable');
}

/** Looks through one customer's messages where a filter names the customer, else through all. */
function* newestFirst(core: CarrierCore, query: URLSearchParams, before: number): Generator<CarrierMessage> {
  const customer = [query.get('To'), query.get('From')].find((number) => number && isCustomer(core, number));
  if (!customer) {
    yield* core.log.before(before);
    return;
  }
  const conversation = core.log.conversation(customer);
  for (let index = conversation.length - 1; index >= 0; index--) {
    const message = conversation[index];
    if (message && message.sequence < before) yield message;
  }
}

/** Test-credential senders belong to nobody, yet they are on our side of the conversation. */
function isCustomer(core: CarrierCore, phoneNumber: string): boolean {
  return !core.accounts.byNumber(phoneNumber) && !phoneNumber.startsWith('+1500555000');
}

function readCount(text: string | null, fallback: number, least: number, most: number): number {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) ? Math.min(most, Math.max(least, value)) : fallback;
}

function readToken(token: string | null): number | null {
  const sequence = Number(/^PA(\d+)$/.exec(token ?? '')?.[1] ?? NaN);
  return Number.isNaN(sequence) ? null : sequence;
}

function pageUri(
  account: Account,
  query: URLSearchParams,
  pageSize: number,
  page: number,
  token?: string,
): string {
  const parameters = new URLSearchParams(query);
  parameters.set('PageSize', String(pageSize));
  parameters.set('Page', String(page));
  if (token === undefined) parameters.delete('PageToken');
  else parameters.set('PageToken', token);
  return `${messageUri(account.accountSid, '').slice(0, -1)}.json?${parameters.toString()}`;
}
