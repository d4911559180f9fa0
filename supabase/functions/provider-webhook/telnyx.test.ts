import { describe, expect, it } from 'vitest';
import { handle } from './handler.ts';
import type { Deps } from './handler.ts';
import {
  accounts,
  attemptId,
  now,
  publicWebhookBase,
  sealedQuery,
  telnyxDelivery,
  telnyxInbound,
  telnyxPost,
} from './fixtures/signed-requests.ts';

function world(answer: unknown = { outcome: 'processed' }) {
  const calls: { functionName: string; event: Record<string, unknown> }[] = [];
  const logged: string[] = [];
  const deps: Deps = {
    accounts,
    publicWebhookBase,
    rpc: async (functionName, parameters) => {
      calls.push({ functionName, event: parameters['p_event'] as Record<string, unknown> });
      return answer;
    },
    log: (level, event, facts) => logged.push(JSON.stringify({ level, event, ...facts })),
  };
  return { deps, calls, logged };
}

describe('a genuine webhook of Telnyx', () => {
  it('hands over what the database can keep, so that no character has a text refused', async () => {
    const { deps, calls } = world();
    const strange = telnyxInbound({ text: 'half \ud83d, \0whole \u{1f600}', 'na\0me\udc00': 'x' });
    expect((await handle(await telnyxPost(strange), deps)).status).toBe(200);
    expect(calls[0]?.event).toMatchObject({
      body: 'half \ufffd, whole \u{1f600}',
      details: { otherFields: expect.arrayContaining(['name\ufffd']) },
    });
  });

  it('records a STOP by one call, for the account whose key signed it', async () => {
    const { deps, calls } = world();
    const response = await handle(await telnyxPost(telnyxInbound({ text: 'STOP' })), deps);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      functionName: 'ingest_inbound_message',
      event: {
        provider: 'telnyx',
        account_ref: 'telnyx-main',
        event_key: 'b301ed3f-1490-491f-995f-6e64e69674d4',
        provider_message_id: '84cca175-9755-4859-b67f-4730d7f58aa3',
        from: '+13125550001',
        to: '+17735550002',
        body: 'STOP',
        intent: 'stop',
        carrier_replied: true,
      },
    });
  });

  it('records pictures with their addresses', async () => {
    const { deps, calls } = world();
    const media = [{ url: 'https://media.telnyx.com/1.jpg', content_type: 'image/jpeg' }];
    await handle(await telnyxPost(telnyxInbound({ type: 'MMS', media })), deps);
    expect(calls[0]?.event['media']).toEqual([
      { url: 'https://media.telnyx.com/1.jpg', content_type: 'image/jpeg' },
    ]);
  });

  it('records a delivery report with its attempt, its class and what the agent will read', async () => {
    const { deps, calls } = world();
    const errors = [{ code: '40003', title: 'Blocked as spam' }];
    const body = telnyxDelivery('delivery_failed', { errors });
    const response = await handle(await telnyxPost(body, { query: await sealedQuery() }), deps);
    expect(response.status).toBe(200);
    expect(calls[0]).toMatchObject({
      functionName: 'apply_delivery_report',
      event: {
        provider: 'telnyx',
        attempt_id: attemptId,
        provider_status: 'delivery_failed',
        status: 'undelivered',
        error_code: '40003',
        error_class: 'permanent',
        error_text: 'The carrier filtered this message. Change the wording.',
      },
    });
  });

  it('under an attempt that is not sealed is recorded without one, since only its body is signed', async () => {
    const { deps, calls } = world();
    const sealed = await sealedQuery();
    const another = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91';
    for (const query of ['', `?a=${attemptId}`, `?a=${attemptId}&h=x`, sealed.replace(attemptId, another)]) {
      const response = await handle(await telnyxPost(telnyxDelivery('delivered'), { query }), deps);
      expect(response.status).toBe(200);
    }
    expect(calls.map(({ event }) => event['attempt_id'])).toEqual([null, null, null, null]);
  });

  it('is asked for again when it was not recorded', async () => {
    const { deps } = world({ outcome: 'failed', reason: 'sqlstate_40P01', retry: true });
    expect((await handle(await telnyxPost(telnyxInbound()), deps)).status).toBe(503);
  });

  it('leaves no person in the log', async () => {
    const { deps, logged } = world();
    await handle(await telnyxPost(telnyxInbound({ text: 'my secret words' })), deps);
    await handle(await telnyxPost(telnyxDelivery('delivered'), { query: await sealedQuery() }), deps);
    expect(logged.join()).toContain('84cca175-9755-4859-b67f-4730d7f58aa3');
    expect(logged.join()).not.toMatch(/3125550001|7735550002|secret words|h=/);
  });
});

describe('what is not genuine is refused with nothing recorded', () => {
  const refused = async (request: Request, status: number, deps: Partial<Deps> = {}) => {
    const { deps: real, calls } = world();
    const response = await handle(request, { ...real, ...deps });
    expect({ status: response.status, calls }).toEqual({ status, calls: [] });
  };

  it('a body changed after signing', async () => {
    const request = await telnyxPost(telnyxInbound());
    const body = (await request.text()).replace('more', 'less');
    await refused(new Request(request.url, { method: 'POST', headers: request.headers, body }), 403);
  });

  it.each([-301, 301])('a recording of %i seconds from now', async (seconds) => {
    await refused(await telnyxPost(telnyxInbound(), { at: now + seconds * 1000 }), 403);
  });

  it('a request without a signature', async () => {
    await refused(await telnyxPost(telnyxInbound(), { signed: false }), 400);
  });

  it('a genuine request where no account has its key', async () => {
    const others = accounts.filter(({ provider }) => provider !== 'telnyx');
    await refused(await telnyxPost(telnyxInbound()), 403, { accounts: others });
  });

  it('a genuine request at the door of another carrier', async () => {
    const request = await telnyxPost(telnyxInbound());
    await refused(new Request(request.url.replace('telnyx', 'twilio'), request), 400);
  });

  it('a form, and a body that is no event', async () => {
    const form = await telnyxPost('a=b');
    form.headers.set('content-type', 'application/x-www-form-urlencoded');
    await refused(form, 400);
    await refused(await telnyxPost('{"data":{}}'), 400);
  });
});
