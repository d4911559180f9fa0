import { describe, expect, it } from 'vitest';
import { parseProviderCredentials } from '@threadline/providers';
import { RpcFailure } from '../_shared/rpc.ts';
import { handle } from './handler.ts';
import type { Deps } from './handler.ts';
import {
  accounts,
  deliveryPost,
  inboundPost,
  publicWebhookBase,
  signedPost,
  strangerToken,
} from './fixtures/signed-requests.ts';

interface Call {
  functionName: string;
  event: Record<string, unknown>;
}

/** The handler with a database that answers as told and remembers what it was given. */
function world(answer: unknown = { outcome: 'processed' }) {
  const calls: Call[] = [];
  const logged: string[] = [];
  const deps: Deps = {
    accounts,
    publicWebhookBase,
    rpc: async (functionName, parameters) => {
      calls.push({ functionName, event: parameters['p_event'] as Record<string, unknown> });
      if (answer instanceof Error) throw answer;
      return answer;
    },
    log: (level, event, facts) => logged.push(JSON.stringify({ level, event, ...facts })),
  };
  return { deps, calls, logged };
}

describe('a genuine webhook', () => {
  it('hands over what the database can keep, so that no character has a text refused', async () => {
    const { deps, calls } = world();
    const strange = await inboundPost({ Body: '\0See you\0 \u{1f600}', 'Made\0Up': 'x' });
    expect((await handle(strange, deps)).status).toBe(200);
    expect(calls[0]?.event).toMatchObject({
      body: 'See you \u{1f600}',
      details: { otherParameters: ['MadeUp'] },
    });
  });

  it('records an inbound message by one call and answers with an empty document', async () => {
    const { deps, calls } = world();
    const response = await handle(await inboundPost(), deps);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(await response.text()).toContain('<Response></Response>');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      functionName: 'ingest_inbound_message',
      event: {
        event_key: 'SM11111111111111111111111111111111',
        provider_message_id: 'SM11111111111111111111111111111111',
        from: '+13125550001',
        to: '+17735550002',
        body: 'Hello, café 😀 & more + plus',
        segments: 1,
        intent: null,
        carrier_replied: false,
        media: [],
      },
    });
  });

  it('records a delivery report with its attempt, its class and what the agent will read', async () => {
    const { deps, calls } = world();
    const response = await handle(
      await deliveryPost({ MessageStatus: 'undelivered', ErrorCode: '30007' }),
      deps,
    );
    expect(response.status).toBe(204);
    expect(calls[0]).toMatchObject({
      functionName: 'apply_delivery_report',
      event: {
        attempt_id: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90',
        provider_status: 'undelivered',
        status: 'undelivered',
        error_code: '30007',
        error_class: 'permanent',
        error_text: 'The carrier filtered this message. Change the wording.',
      },
    });
  });

  it.each([
    ['30003', { after_seconds: 14_400, times: 2 }],
    ['30008', { after_seconds: 300, times: 1 }],
    ['30410', null],
  ])('says of the error %s whether the message may go out again', async (ErrorCode, retry) => {
    const { deps, calls } = world();
    await handle(await deliveryPost({ MessageStatus: 'undelivered', ErrorCode }), deps);
    expect(calls[0]?.event).toMatchObject({ retry });
  });

  it.each(['/functions/v1', ''])('is taken under the prefix %j alike', async (prefix) => {
    const { deps, calls } = world();
    const response = await handle(await inboundPost({}, { prefix, host: 'http://edge.internal:8081' }), deps);
    expect(response.status).toBe(200);
    expect(calls).toHaveLength(1);
  });

  it('is acknowledged when the database has seen it before', async () => {
    const { deps } = world({ outcome: 'duplicate' });
    expect((await handle(await inboundPost(), deps)).status).toBe(200);
  });

  it('is acknowledged when it failed for good: it is kept, and coming again would not help', async () => {
    const { deps, logged } = world({ outcome: 'failed', reason: 'unknown_number', retry: false });
    expect((await handle(await inboundPost(), deps)).status).toBe(200);
    expect(logged.join()).toContain('unknown_number');
  });

  it('that is not about a message is acknowledged, logged and not recorded', async () => {
    const { deps, calls, logged } = world();
    const response = await handle(await signedPost(new URLSearchParams({ CallSid: 'CA1' })), deps);
    expect(response.status).toBe(200);
    expect(calls).toEqual([]);
    expect(logged.join()).toContain('webhook_unrecognized');
  });
});

describe('what cannot be recorded is asked for again', () => {
  it.each([
    ['a failure that may pass', { outcome: 'failed', reason: 'sqlstate_40P01', retry: true }, 503],
    ['a database that is away', new RpcFailure({ transient: true, code: null }), 503],
    ['a database that refuses', new RpcFailure({ transient: false, code: 'TL002' }), 500],
    ['an answer nobody understands', { outcome: 'perhaps' }, 500],
    ['no answer at all', null, 500],
    ['an error nobody foresaw', new TypeError('unforeseen'), 500],
  ])('%s', async (_label, answer, status) => {
    const { deps, logged } = world(answer);
    expect((await handle(await inboundPost(), deps)).status).toBe(status);
    expect(logged.join()).toContain('webhook_not_recorded');
  });
});

describe('what is not genuine is refused with nothing recorded', () => {
  const refused = async (request: Request, status: number, deps: Partial<Deps> = {}) => {
    const { deps: real, calls } = world();
    const response = await handle(request, { ...real, ...deps });
    expect({ status: response.status, calls, body: await response.text() }).toEqual({
      status,
      calls: [],
      body: '',
    });
  };

  it('a signature made with another token', async () => {
    await refused(await inboundPost({}, { token: strangerToken }), 403);
  });

  it('a body changed after signing', async () => {
    const request = await inboundPost();
    const body = (await request.text()).replace('more', 'less');
    await refused(new Request(request.url, { method: 'POST', headers: request.headers, body }), 403);
  });

  it('an attempt id changed after signing', async () => {
    const request = await deliveryPost();
    await refused(new Request(request.url.replace('018f4e5a', '018f4e5b'), request), 403);
  });

  it('the same path with a slash at its end', async () => {
    const request = await inboundPost();
    await refused(new Request(`${request.url}/`, request), 404);
  });

  it('an account nobody configured', async () => {
    await refused(await inboundPost({ AccountSid: `AC${'9'.repeat(32)}` }), 403);
    await refused(await inboundPost(), 403, { accounts: [] });
  });

  it('a request for one account signed with the key of another', async () => {
    const other = {
      provider: accounts[0]?.provider,
      accountSid: `AC${'8'.repeat(32)}`,
      authToken: strangerToken,
    };
    const both = [...accounts, ...parseProviderCredentials(JSON.stringify({ other })).values()];
    await refused(await inboundPost({}, { token: strangerToken }), 403, { accounts: both });
  });

  it('a request without a signature', async () => {
    await refused(await inboundPost({}, { token: null }), 400);
  });

  it('a body that is no form, and one that names no account', async () => {
    const headers = { 'content-type': 'text/plain' };
    await refused(await inboundPost({}, { headers }), 400);
    await refused(await inboundPost({ AccountSid: undefined }), 400);
  });

  it('a body that is too large, announced or not', async () => {
    const huge = 'x'.repeat(300_000);
    await refused(await inboundPost({ Body: huge }), 413);
    const announced = await inboundPost();
    announced.headers.set('content-length', '300000');
    await refused(announced, 413);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('the method %s', async (method) => {
    const { url } = await inboundPost();
    await refused(new Request(url, { method }), 405);
  });

  it.each(['pigeon', 'toString', '', '%74wilio'])('a provider nobody knows (%j)', async (name) => {
    const url = `http://edge.internal/provider-webhook/${name}`;
    await refused(new Request(url, { method: 'POST', body: 'a=b' }), 404);
  });
});

describe('logs', () => {
  it('carry ids and never a number, a text, a token or a signature', async () => {
    const { deps, logged } = world({ outcome: 'failed', reason: 'unknown_number', retry: false });
    const genuine = await inboundPost({ Body: 'my secret words' });
    const signature = [...genuine.headers.values()].filter((value) => value.endsWith('='));
    await handle(genuine, deps);
    await handle(await deliveryPost(), deps);
    await handle(await inboundPost({}, { token: strangerToken }), deps);
    const text = logged.join('\n');
    expect(text).toContain('SM11111111111111111111111111111111');
    for (const secret of ['3125550001', '7735550002', 'secret words', strangerToken, ...signature]) {
      expect(text).not.toContain(secret);
    }
  });
});
