import { describe, expect, it } from 'vitest';
import { HttpFailure } from '../http-client.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import type {
  InboundListOutcome,
  InboundListRequest,
  InboundReadOutcome,
  Provider,
  ProviderAccount,
  WebhookRequest,
} from '../provider.ts';
import { cannedCarrier, scriptedCarrier } from './carriers.ts';

export interface InboundListSample {
  readonly label: string;
  readonly request?: Partial<InboundListRequest>;
  readonly reply: HttpReply;
  readonly outcome: InboundListOutcome;
  readonly asks?: (request: HttpRequest) => void;
}

export interface InboundReadSample {
  readonly label: string;
  /** The carrier's answers, in the order in which they are asked for; there must be no further request. */
  readonly replies: readonly HttpReply[];
  readonly outcome: InboundReadOutcome;
  readonly asks?: (requests: readonly HttpRequest[]) => void;
}

export interface InboundLogSamples {
  readonly lists: readonly InboundListSample[];
  /** The text the samples are about. */
  readonly readOf: string;
  readonly reads: readonly InboundReadSample[];
  /** One text, with a picture, as its webhook told it and as the log has it. */
  readonly told: { readonly webhook: WebhookRequest; readonly replies: readonly HttpReply[] };
}

interface Samples {
  readonly provider: Provider;
  readonly account: ProviderAccount;
  readonly secrets: readonly string[];
  readonly emptyLogReply: HttpReply;
  readonly inboundLog: InboundLogSamples;
}

export const sampleInboundList: InboundListRequest = {
  to: '+17735550002',
  since: new Date('2026-01-01T10:00:00.000Z'),
  until: new Date('2026-01-01T12:00:00.500Z'),
  page: null,
  timeoutMs: 5000,
};

const failures: readonly [string, HttpReply | Error][] = [
  ['a time-out', new HttpFailure({ requestWritten: true, reason: 'timeout' })],
  ['a refused connection', new HttpFailure({ requestWritten: false, reason: 'connect' })],
  ['an error nobody foresaw', new TypeError('unforeseen')],
  ['a failure of the carrier', { status: 500, headers: {}, text: '' }],
  ['a redirect', { status: 302, headers: { location: '/' }, text: '' }],
  ['an answer that cannot be read', { status: 200, headers: {}, text: '<html>' }],
  ['an answer that says nothing', { status: 200, headers: {}, text: '{}' }],
  ['some proxy that finds nothing there', { status: 404, headers: {}, text: '<html>' }],
  ['credentials that no longer work', { status: 401, headers: {}, text: '' }],
];

const throttled: HttpReply = { status: 429, headers: { 'retry-after': '9' }, text: '' };
const later = { kind: 'failed', code: 'throttled', httpStatus: 429, retryAfterSeconds: 9 };

/** The rules of fetching texts whose webhooks never came. */
export function describeInboundLog(samples: Samples): void {
  describe('texts in the log', () => {
    describeListing(samples);
    describeReadingText(samples);
  });
}

function describeListing({ account, secrets, emptyLogReply, inboundLog }: Samples): void {
  const list = (answer: HttpReply | Error) =>
    account.listInbound(sampleInboundList, cannedCarrier(answer).http);

  it.each(inboundLog.lists)('are listed: $label', async ({ request, reply, outcome, asks }) => {
    const carrier = cannedCarrier(reply);
    expect(await account.listInbound({ ...sampleInboundList, ...request }, carrier.http)).toEqual(outcome);
    expect(carrier.requests).toMatchObject([{ method: 'GET', timeoutMs: sampleInboundList.timeoutMs }]);
    const [asked] = carrier.requests;
    if (asked === undefined) return;
    for (const secret of secrets) expect(asked.url).not.toContain(secret);
    asks?.(asked);
  });

  it('are none in an empty log, which is another thing than not having read it', async () => {
    expect(await list(emptyLogReply)).toEqual({ kind: 'page', texts: [], next: null });
  });

  it.each([
    ...failures,
    ['a list of something else', { status: 200, headers: {}, text: '{"messages":[1],"data":[1]}' }] as const,
  ])('are never said to be none after %s', async (_label, answer) => {
    expect(await list(answer)).toMatchObject({ kind: 'failed' });
  });

  it('may be asked for later, when the carrier says so', async () => {
    expect(await list(throttled)).toEqual(later);
  });

  it('are no longer asked for when somebody breaks it off', async () => {
    const carrier = cannedCarrier(emptyLogReply);
    const { signal } = new AbortController();
    await account.listInbound({ ...sampleInboundList, signal }, carrier.http);
    expect(carrier.requests[0]?.signal).toBe(signal);
  });
}

function describeReadingText({ provider, account, secrets, inboundLog }: Samples): void {
  const request = { providerMessageId: inboundLog.readOf, timeoutMs: 5000 };
  const read = (answer: HttpReply | Error) => account.readInbound(request, cannedCarrier(answer).http);

  it.each(inboundLog.reads)('are read: $label', async ({ replies, outcome, asks }) => {
    const carrier = scriptedCarrier(replies);
    expect(await account.readInbound(request, carrier.http)).toEqual(outcome);
    expect(carrier.requests.map(({ method }) => method)).toEqual(replies.map(() => 'GET'));
    for (const asked of carrier.requests) {
      for (const secret of secrets) expect(asked.url).not.toContain(secret);
    }
    asks?.(carrier.requests);
  });

  it('say what the webhook would have said', async () => {
    const { webhook, replies } = inboundLog.told;
    const reading = provider.readWebhook(webhook);
    if (!reading.ok || reading.event.kind !== 'inbound') throw new Error('the sample is no text');
    const { eventKey, details, ...told } = reading.event;
    const outcome = await account.readInbound(
      { ...request, providerMessageId: told.providerMessageId },
      scriptedCarrier(replies).http,
    );
    expect(told.media).not.toEqual([]);
    expect(outcome).toMatchObject({ kind: 'read', event: told });
    expect(JSON.stringify(outcome.kind === 'read' && outcome.event.details)).not.toMatch(/\+\d{7,}/);
  });

  it('are named by their ids and nothing else', async () => {
    const carrier = cannedCarrier({ status: 404, headers: {}, text: '' });
    await account.readInbound({ ...request, providerMessageId: '../x?y=1#z' }, carrier.http);
    expect(carrier.requests[0]?.url).toContain('/..%2Fx%3Fy%3D1%23z');
  });

  it('are not taken for one another', async () => {
    const carrier = scriptedCarrier(inboundLog.reads[0]?.replies ?? []);
    const outcome = await account.readInbound({ ...request, providerMessageId: 'another' }, carrier.http);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'unreadable_answer' });
  });

  it.each(failures)('may be read again after %s', async (_label, answer) => {
    expect(await read(answer)).toMatchObject({ kind: 'failed' });
  });

  it('may be read later, when the carrier says so', async () => {
    expect(await read(throttled)).toEqual(later);
  });
}
