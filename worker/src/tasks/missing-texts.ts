import { setTimeout as pause } from 'node:timers/promises';
import { inboundRecord } from '@threadline/providers';
import type {
  HttpClient,
  InboundEvent,
  InboundReadOutcome,
  LoggedText,
  ProviderAccount,
  RequestFailure,
} from '@threadline/providers';
import type { Circuits } from '../accounts/circuits.ts';
import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { InboundLook } from '../queue/shapes.ts';
import { Rounds } from './rounds.ts';

export interface MissingTextsOptions {
  readonly queue: Pick<
    Queue,
    'claimInboundLooks' | 'unknownTexts' | 'takeMissingText' | 'resolveInboundLook'
  >;
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly circuits: Pick<Circuits, 'isOpen'>;
  readonly http: HttpClient;
  readonly everyMs: number;
  /** Milliseconds between two requests: they share the carrier's limits with what is being sent. */
  readonly spacingMs: number;
  readonly log: Logger;
  readonly onLooked: (result: 'read' | 'failed') => void;
  /** Of each text that had to be fetched: processed, duplicate, failed, gone or given_up. */
  readonly onFound: (result: string) => void;
}

const TIMEOUT_MS = 10_000;
/** Longer than most looks take. One that takes longer may be done twice, which does no harm. */
const LEASE_SECONDS = 300;
/** A log that does not end is not read to its end. */
const MOST_PAGES = 1_000;
/** One text that cannot be read must not keep back the others. Several in a row are the carrier's fault, not theirs. */
const MOST_UNREAD = 3;
const GIVE_UP_AFTER_MS = 86_400_000;
/** Until whoever forgot them enters the credentials. */
const WITHOUT_CREDENTIALS_SECONDS = 900;

type Look = { readonly kind: 'read'; readonly found: number } | RequestFailure;

/** Reads the logs of our numbers for texts whose webhooks never came, one request after the other. */
export function createMissingTexts(options: MissingTextsOptions): Rounds {
  const { queue, log } = options;
  const round = async (signal: AbortSignal) => {
    try {
      while (!signal.aborted) {
        // One at a time: a number that was handed out and not looked at has to wait for the end of its lease.
        const [look] = await queue.claimInboundLooks(1, LEASE_SECONDS);
        if (look === undefined) return;
        await conclude(look, await lookInto(look, options, signal), options);
        await pause(options.spacingMs, undefined, { signal }).catch(() => undefined);
      }
    } catch (error) {
      log.warn({ err: error }, 'missing texts not looked for');
    }
  };
  return new Rounds({ everyMs: options.everyMs, round });
}

async function conclude(look: InboundLook, result: Look, { queue, log, onLooked }: MissingTextsOptions) {
  const { phone_number_id, until, looks_back } = look;
  onLooked(result.kind);
  if (result.kind === 'failed') {
    const { code, httpStatus, retryAfterSeconds } = result;
    log.warn({ ...idsOf(look), code, httpStatus, retryAfterSeconds }, 'log of a number not read');
    await queue.resolveInboundLook(phone_number_id, {
      kind: 'failed',
      retry_after_seconds: retryAfterSeconds,
    });
    return;
  }
  const { found } = result;
  if (found > 0) log.warn({ ...idsOf(look), found }, 'texts fetched whose webhooks never came');
  await queue.resolveInboundLook(phone_number_id, { kind: 'read', until, looks_back, found });
}

async function lookInto(look: InboundLook, options: MissingTextsOptions, signal: AbortSignal): Promise<Look> {
  const account = options.accounts.get(look.credentials_ref);
  if (account === undefined || account.provider !== look.provider) {
    return { ...failed('credentials_missing'), retryAfterSeconds: WITHOUT_CREDENTIALS_SECONDS };
  }
  if (options.circuits.isOpen(look.provider_account_id)) return failed('provider_unreachable');
  const listed = await list(look, account, options, signal);
  return 'kind' in listed ? listed : takeAll(listed, { look, account }, options, signal);
}

/** Texts that never reached us, the oldest first. */
async function list(
  look: InboundLook,
  account: ProviderAccount,
  { queue, http, spacingMs }: MissingTextsOptions,
  signal: AbortSignal,
): Promise<readonly LoggedText[] | RequestFailure> {
  const missing = new Map<string, LoggedText>();
  const range = { to: look.phone_number, since: new Date(look.since), until: new Date(look.until) };
  if (range.since >= range.until) return [];
  let page: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const outcome = await account.listInbound({ ...range, page, timeoutMs: TIMEOUT_MS, signal }, http);
    if (outcome.kind === 'failed') return outcome;
    const ids = outcome.texts.map(({ providerMessageId }) => providerMessageId);
    const unknown = new Set(ids.length === 0 ? [] : await queue.unknownTexts(look.phone_number_id, ids));
    for (const text of outcome.texts) {
      if (unknown.has(text.providerMessageId)) missing.set(text.providerMessageId, text);
    }
    if (outcome.next === null) return inOrder([...missing.values()]);
    page = outcome.next;
    await pause(spacingMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return failed('stopped_before_sending');
  }
  return failed('unreadable_answer');
}

/** Logs list the newest first; among those of one moment that is all there is to go by. */
function inOrder(texts: readonly LoggedText[]): readonly LoggedText[] {
  return texts.toReversed().sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
}

interface Source {
  readonly look: InboundLook;
  readonly account: ProviderAccount;
}

async function takeAll(
  texts: readonly LoggedText[],
  source: Source,
  options: MissingTextsOptions,
  signal: AbortSignal,
): Promise<Look> {
  let found = 0;
  let unread: RequestFailure | null = null;
  let unreadInARow = 0;
  for (const text of texts) {
    if (signal.aborted) return failed('stopped_before_sending');
    const outcome = await read(text, source, options, signal);
    if (outcome.kind === 'failed') {
      if (isGivenUp(text, source, options)) continue;
      unread = outcome;
      unreadInARow += 1;
      if (unreadInARow === MOST_UNREAD) return unread;
      continue;
    }
    unreadInARow = 0;
    if (outcome.kind === 'gone') options.onFound('gone');
    else found += await take(text, outcome.event, source, options);
  }
  return unread ?? { kind: 'read', found };
}

async function read(
  text: LoggedText,
  { account }: Source,
  { http, spacingMs }: MissingTextsOptions,
  signal: AbortSignal,
): Promise<InboundReadOutcome> {
  if (text.event !== null) return { kind: 'read', event: text.event };
  await pause(spacingMs, undefined, { signal }).catch(() => undefined);
  const { providerMessageId } = text;
  return account.readInbound({ providerMessageId, timeoutMs: TIMEOUT_MS, signal }, http);
}

/** Else nothing after it would ever count as looked for. */
function isGivenUp(text: LoggedText, { look }: Source, { log, onFound }: MissingTextsOptions): boolean {
  if (Date.now() - text.sentAt.getTime() < GIVE_UP_AFTER_MS) return false;
  onFound('given_up');
  const { providerMessageId: provider_message_id } = text;
  log.error({ ...idsOf(look), provider_message_id }, 'a text in the log cannot be read');
  return true;
}

/** How many more we have: none when its webhook was faster. */
async function take(
  text: LoggedText,
  event: InboundEvent,
  { look, account }: Source,
  { queue, log, onFound }: MissingTextsOptions,
): Promise<0 | 1> {
  const record = { ...inboundRecord(account, event), sent_at: text.sentAt.toISOString() };
  const { outcome, reason } = await queue.takeMissingText(look.phone_number_id, record);
  onFound(outcome);
  const { providerMessageId: provider_message_id } = event;
  log.info({ ...idsOf(look), provider_message_id, outcome, reason }, 'missing text found');
  return outcome === 'duplicate' ? 0 : 1;
}

function idsOf({ organization_id, provider_account_id, phone_number_id }: InboundLook) {
  return { organization_id, provider_account_id, phone_number_id };
}

function failed(code: RequestFailure['code']): RequestFailure {
  return { kind: 'failed', code, httpStatus: null, retryAfterSeconds: null };
}
