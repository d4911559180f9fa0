import { createHash } from 'node:crypto';
import { HttpFailure, openWebhook, parseProviderCredentials, providers } from '@threadline/providers';
import type { HttpClient, LookUpRequest, ProviderAccount, SendRequest } from '@threadline/providers';
import { describe, expect, it } from 'vitest';
import { accountSid, authToken } from './testing/carrier-fixture.ts';
import {
  accountRef,
  apiKey,
  business,
  customer,
  messagingProfileId,
  publicKey,
  startBothCarriers,
  twilioBusiness,
} from './testing/telnyx-fixture.ts';

/** The product's own adapters, talking to the simulated carriers over the wire. */
const http: HttpClient = async ({ url, timeoutMs, signal, ...request }) => {
  try {
    const answer = await fetch(url, {
      ...request,
      redirect: 'manual',
      signal: signal ?? AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  } catch (cause) {
    throw new HttpFailure({ requestWritten: true, reason: 'broken', cause });
  }
};

const attemptId = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90';
const body = 'Hello, café 😀 & more + plus';

async function start(name: string) {
  const world = await startBothCarriers();
  const credentials = {
    twilio: { provider: 'twilio', accountSid, authToken, apiBaseUrl: world.url },
    telnyx: { provider: 'telnyx', accountRef, apiKey, publicKey, apiBaseUrl: world.url },
  };
  const accounts = [...parseProviderCredentials(JSON.stringify(credentials)).values()];
  const account = accounts.find(({ provider }) => provider === name);
  if (account === undefined) throw new Error('no such account');
  const request: SendRequest = {
    ...{ attemptId, to: customer, body, mediaUrls: [], timeoutMs: 5000 },
    from: name === 'twilio' ? twilioBusiness : business,
    senderPool: null,
    publicWebhookBase: world.webhook.base,
  };
  const open = (index: number) => {
    const received = world.webhook.received[index];
    const headers = new Headers(
      Object.entries(received?.headers ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const rawBody = new TextEncoder().encode(received?.body);
    return openWebhook(providers[name]!, accounts, { url: received?.url ?? '', headers, rawBody });
  };
  return { ...world, account, request, open };
}

function lookUpOf(request: SendRequest, changes: Partial<LookUpRequest> = {}): LookUpRequest {
  return {
    ...{ attemptId, from: request.from, to: request.to, senderPool: request.senderPool, timeoutMs: 5000 },
    bodySha256: createHash('sha256').update(request.body).digest('hex'),
    startedAt: new Date(),
    knownProviderMessageIds: new Set(),
    ...changes,
  };
}

async function acceptedId(account: ProviderAccount, request: SendRequest): Promise<string> {
  const outcome = await account.send(request, http);
  if (outcome.kind !== 'accepted') throw new Error(`expected acceptance, got ${JSON.stringify(outcome)}`);
  return outcome.providerMessageId;
}

describe.each(['twilio', 'telnyx'])('the adapter of %s and the simulated carrier', (name) => {
  it('agree on a message, from the create to its last report', async () => {
    const { account, request, open, webhook, messages } = await start(name);
    const id = await acceptedId(account, request);
    await webhook.count(2);
    const reports = await Promise.all([open(0), open(1)]);
    expect(reports).toMatchObject(
      ['sent', 'delivered'].map((status) => ({
        kind: 'authentic',
        account: { provider: name },
        event: { kind: 'delivery', attemptId, providerMessageId: id, status, code: null },
      })),
    );
    expect(await messages()).toMatchObject([{ sid: id, body, to: customer, provider: name }]);
  });

  it('agree on what a customer wrote, a STOP included', async () => {
    const { account, request, open, text } = await start(name);
    await text('stop', { to: request.from });
    expect(await open(0)).toMatchObject({
      kind: 'authentic',
      event: {
        kind: 'inbound',
        from: customer,
        to: request.from,
        body: 'stop',
        intent: 'stop',
        carrierReplied: true,
      },
    });
    expect(await account.send(request, http)).toMatchObject({
      kind: 'not_sent',
      code: 'recipient_opted_out',
    });
  });

  it('agree on the log of what customers wrote, page by page', async () => {
    const { account, request, text } = await start(name);
    const to = request.from ?? '';
    const since = new Date('2026-01-01T10:00:00Z');
    const until = new Date('2026-01-01T12:00:00Z');
    const write = (sentAt: string) => text('hello', { to, sentAt });
    await write('2026-01-01T09:59:59Z');
    const sent: string[] = [];
    for (let second = 0; second < 120; second += 1) {
      const result = await write(new Date(since.getTime() + second * 1000).toISOString());
      sent.push(result.messageSid);
    }
    await write('2026-01-01T12:00:00Z');
    await acceptedId(account, { ...request, to: '+14155550199' });
    const listed: string[] = [];
    let pages = 0;
    for (let page: string | null | undefined = null; page !== undefined; pages += 1) {
      const outcome = await account.listInbound({ to, since, until, page, timeoutMs: 5000 }, http);
      if (outcome.kind !== 'page') throw new Error(JSON.stringify(outcome));
      listed.push(...outcome.texts.map(({ providerMessageId }) => providerMessageId));
      page = outcome.next ?? undefined;
    }
    expect(listed).toEqual(sent.toReversed());
    expect(pages).toBeGreaterThan(1);
  });

  it('agree on a text with a picture, whether its webhook came or not', async () => {
    const { account, request, open, text } = await start(name);
    const mediaUrls = ['data:image/png;base64,iVBORw0KGgo='];
    const { messageSid } = await text('Look', { to: request.from, mediaUrls });
    const told = await open(0);
    if (told.kind !== 'authentic' || told.event.kind !== 'inbound') throw new Error('no text was told of');
    const read = (providerMessageId: string) =>
      account.readInbound({ providerMessageId, timeoutMs: 5000 }, http);
    const { eventKey, details, ...event } = told.event;
    expect(event.media).toHaveLength(1);
    expect(await read(messageSid)).toMatchObject({ kind: 'read', event });
    const unknown = name === 'twilio' ? `SM${'0'.repeat(32)}` : '00000000-0000-4000-8000-000000000000';
    expect(await read(unknown)).toEqual({ kind: 'gone' });
  });

  it('find the message again whose answer was lost, and only that', async () => {
    const { account, request, control, messages } = await start(name);
    await acceptedId(account, {
      ...request,
      attemptId: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91',
      body: 'another',
    });
    expect(await account.lookUp(lookUpOf(request), http)).toEqual({ kind: 'none' });
    await control('PUT', '/faults', { acceptThenDropRate: 1 });
    expect(await account.send(request, http)).toMatchObject({ kind: 'unknown' });
    const sid = (await messages()).at(-1)?.sid ?? '';
    await expect
      .poll(() => account.lookUp(lookUpOf(request), http))
      .toMatchObject({ kind: 'found', providerMessageId: sid, status: 'delivered', segments: 1, code: null });
    const linked = lookUpOf(request, { knownProviderMessageIds: new Set([sid]) });
    expect(await account.lookUp(linked, http)).toEqual({ kind: 'none' });
  });

  it('tell a log that cannot be read from an empty one', async () => {
    const { request, url } = await start(name);
    const settings =
      name === 'twilio'
        ? { accountSid, authToken: 'wrong', apiBaseUrl: url }
        : { accountRef, apiKey: 'wrong', publicKey, apiBaseUrl: url };
    const stranger = providers[name]!.openAccount(settings);
    expect(await stranger.lookUp(lookUpOf(request), http)).toMatchObject({
      kind: 'failed',
      code: 'account_unauthorized',
    });
  });

  it('schedule, cancel once, and are too late after that', async () => {
    const { account, request, messages } = await start(name);
    const senderPool = name === 'twilio' ? `MG${'a'.repeat(32)}` : messagingProfileId;
    const scheduleAt = new Date(Date.now() + 3_600_000);
    const id = await acceptedId(account, { ...request, senderPool, scheduleAt });
    expect((await messages())[0]).toMatchObject({ sid: id, status: 'scheduled' });
    const cancel = () => account.cancelScheduled({ providerMessageId: id, timeoutMs: 5000 }, http);
    expect(await cancel()).toMatchObject({ kind: 'cancelled' });
    expect((await messages())[0]).toMatchObject({ status: 'canceled' });
    expect(await cancel()).toMatchObject({ kind: 'refused', code: 'too_late_to_cancel' });
    const status = (providerMessageId: string) =>
      account.readStatus({ providerMessageId, timeoutMs: 5000 }, http);
    expect(await status(id)).toMatchObject({ kind: 'known', status: 'cancelled' });
    const unknown = name === 'twilio' ? `SM${'0'.repeat(32)}` : '00000000-0000-4000-8000-000000000000';
    expect(
      await account.cancelScheduled({ providerMessageId: unknown, timeoutMs: 5000 }, http),
    ).toMatchObject({ kind: 'refused', code: 'rejected' });
    expect(await status(unknown)).toEqual({ kind: 'gone' });
  });

  it.each([
    ['+13075550105', 'recipient_invalid'],
    ['+13075550106', 'recipient_landline'],
    ['+13075550107', 'content_filtered'],
    ['+13075550134', 'sender_unregistered'],
  ])('agree on why a message to %s did not arrive', async (to, code) => {
    const { account, request, open, webhook } = await start(name);
    await acceptedId(account, { ...request, to });
    const failure = async () => {
      const opened = await open(webhook.received.length - 1);
      return opened.kind === 'authentic' && opened.event.kind === 'delivery' ? opened.event.code : null;
    };
    await expect.poll(failure).toBe(code);
  });

  it('agree on being throttled', async () => {
    const { account, request, control } = await start(name);
    await control('PUT', '/faults', { rate429: 1 });
    expect(await account.send(request, http)).toMatchObject({
      kind: 'later',
      code: 'throttled',
      retryAfterSeconds: name === 'telnyx' ? 1 : null,
    });
  });
});
