import { describe, expect, it } from 'vitest';
import type { ReceivedWebhook } from './testing/webhook-receiver.ts';
import {
  business,
  customer,
  eventOf,
  messagingProfileId,
  startBothCarriers,
  telnyxClient,
} from './testing/telnyx-fixture.ts';

const types = (webhooks: readonly ReceivedWebhook[]) =>
  webhooks.map((webhook) => eventOf(webhook).data.event_type);
const statuses = (webhooks: readonly ReceivedWebhook[]) =>
  webhooks.map((webhook) => eventOf(webhook).data.payload.to[0]?.status);

/** What the stock SDK makes of a webhook's signature. */
async function judge(webhook: ReceivedWebhook | undefined, body = webhook?.body ?? ''): Promise<boolean> {
  const headers = Object.fromEntries(
    Object.entries(webhook?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return telnyxClient('http://127.0.0.1')
    .webhooks.unwrap(body, { headers })
    .then(
      () => true,
      () => false,
    );
}

describe('what Telnyx reports of a message', () => {
  it('is that it left and how it ended, to the address of the message, signed so that the SDK believes it', async () => {
    const { create, webhook, callbackUrl } = await startBothCarriers();
    const { data } = (await (await create({ webhook_url: callbackUrl })).json()) as { data: { id: string } };
    const received = await webhook.count(2);
    expect(types(received)).toEqual(['message.sent', 'message.finalized']);
    expect(statuses(received)).toEqual(['sent', 'delivered']);
    for (const each of received) {
      expect(each.url).toBe(callbackUrl);
      expect(eventOf(each)).toMatchObject({
        data: {
          record_type: 'event',
          payload: {
            id: data.id,
            direction: 'outbound',
            webhook_url: callbackUrl,
            text: 'Hello',
            errors: [],
          },
        },
        meta: { attempt: 1, delivered_to: callbackUrl },
      });
      expect(await judge(each)).toBe(true);
      expect(await judge(each, each.body.replace('Hello', 'Hallo'))).toBe(false);
    }
  });

  it('goes to the address of the profile where the message names none, or nowhere', async () => {
    const { create, webhook, messages } = await startBothCarriers();
    await create({ use_profile_webhooks: false });
    await expect.poll(async () => (await messages())[0]?.status).toBe('delivered');
    await create();
    expect((await webhook.count(2)).map(({ url }) => new URL(url).pathname)).toEqual(['/telnyx', '/telnyx']);
  });

  it.each([
    ['+13075550102', 'delivery_unconfirmed', undefined],
    ['+13075550103', 'delivery_failed', '40006'],
    ['+13075550104', 'delivery_failed', '40004'],
    ['+13075550105', 'delivery_failed', '40012'],
    ['+13075550106', 'delivery_failed', '40001'],
    ['+13075550107', 'delivery_failed', '40003'],
    ['+13075550108', 'delivery_failed', '40008'],
    ['+13075550134', 'sending_failed', '40010'],
  ])('ends as the magic number %s says: %s', async (to, status, code) => {
    const { create, webhook, callbackUrl } = await startBothCarriers();
    await create({ to, webhook_url: callbackUrl });
    await expect.poll(() => types(webhook.received)).toContain('message.finalized');
    const last = eventOf(webhook.received.at(-1)).data.payload;
    expect([last.to[0]?.status, last.errors[0]?.code]).toEqual([status, code]);
  });

  it.each([
    [{ error: 40300 }, [403, '40300']],
    [{ error: 40318 }, [400, '40318']],
    [{ error: 20100 }, [403, '20100']],
    [{ error: 10007 }, [500, '10007']],
    // The words of the other carrier, put into those of this one.
    [{ error: 21610 }, [403, '40300']],
    [{ rejectRate: 1 }, [400, '40301']],
    [{ rate429: 1 }, [429, '10011']],
  ])('is preceded by a refusal under %j', async (faults, expected) => {
    const { create, control, messages } = await startBothCarriers();
    await control('PUT', '/faults', faults);
    const answer = await create();
    const { errors } = (await answer.json()) as { errors: { code: string }[] };
    expect([answer.status, errors[0]?.code]).toEqual(expected);
    expect(await messages()).toEqual([]);
  });

  it.each([
    [40003, '40003'],
    [40014, '40014'],
    [30007, '40003'],
  ])('ends with the injected code %i, after the create was accepted', async (error, code) => {
    const { create, control, webhook, callbackUrl } = await startBothCarriers();
    await control('PUT', '/faults', { rejectRate: 1, error, seed: 1 });
    expect((await create({ webhook_url: callbackUrl })).status).toBe(200);
    await expect.poll(() => types(webhook.received)).toContain('message.finalized');
    expect(eventOf(webhook.received.at(-1)).data.payload.errors[0]?.code).toBe(code);
  });

  it('comes twice with the same id, or in the wrong order, where that was asked for', async () => {
    const { create, control, webhook, callbackUrl } = await startBothCarriers();
    await control('PUT', '/faults', { callbackDuplicateRate: 1, callbackReorder: true });
    await create({ webhook_url: callbackUrl });
    const received = await webhook.count(4);
    expect(statuses(received)).toEqual(['delivered', 'delivered', 'sent', 'sent']);
    const ids = received.map((each) => eventOf(each).data.id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[1]).not.toBe(ids[2]);
  });
});

describe('redelivery at Telnyx', () => {
  it('is tried three times at an address, each time signed anew, and stops at a success', async () => {
    const { create, webhook, callbackUrl, messages } = await startBothCarriers();
    webhook.answer = () => ({ status: webhook.received.length < 3 ? 503 : 200 });
    await create({ webhook_url: callbackUrl });
    const received = await webhook.count(4);
    expect(received.map((each) => eventOf(each).meta.attempt)).toEqual([1, 2, 3, 1]);
    expect(new Set(received.slice(0, 3).map((each) => eventOf(each).data.id)).size).toBe(1);
    for (const each of received) expect(await judge(each)).toBe(true);
    await expect.poll(async () => (await messages())[0]?.callbacks.length).toBe(4);
    expect((await messages())[0]?.callbacks.map(({ httpStatus }) => httpStatus)).toEqual([
      503, 503, 200, 200,
    ]);
  });

  it('goes on to the other address of the message and then to that of its profile', async () => {
    const { create, webhook, callbackUrl } = await startBothCarriers();
    webhook.answer = ({ url }) => ({ status: url.includes('/telnyx') ? 200 : 500 });
    await create({ webhook_url: callbackUrl, webhook_failover_url: `${webhook.base}/failover` });
    const received = await webhook.count(7);
    const paths = received.slice(0, 7).map(({ url }) => new URL(url).pathname);
    expect(paths).toEqual([
      ...Array<string>(3).fill('/status'),
      ...Array<string>(3).fill('/failover'),
      '/telnyx',
    ]);
    expect(eventOf(received[6]).data.payload['webhook_url']).toBe(callbackUrl);
  });

  it('does not wait longer than two seconds for an answer', { timeout: 20_000 }, async () => {
    const { text, webhook } = await startBothCarriers();
    const late: (() => void)[] = [];
    webhook.answer = () =>
      webhook.received.length === 1
        ? new Promise((resolve) => late.push(() => resolve({ status: 200 })))
        : { status: 200 };
    const result = await text('Anyone?');
    expect(result.attempts.map(({ httpStatus }) => httpStatus)).toEqual([null, 200]);
    for (const answer of late) answer();
  });
});

describe('a customer’s text at Telnyx', () => {
  it('reaches the business as a signed webhook, and the answer’s status comes back', async () => {
    const { text, webhook } = await startBothCarriers();
    webhook.answer = () => ({ status: 202 });
    const result = await text('Hello, café 😀 & more + plus');
    expect(result).toMatchObject({ status: 202, keyword: null, replies: [] });
    const [received] = webhook.received;
    expect(await judge(received)).toBe(true);
    expect(eventOf(received)).toMatchObject({
      data: {
        event_type: 'message.received',
        payload: {
          id: result.messageSid,
          direction: 'inbound',
          type: 'SMS',
          from: { phone_number: customer },
          to: [{ phone_number: business, status: 'webhook_delivered' }],
          text: 'Hello, café 😀 & more + plus',
          parts: 1,
          messaging_profile_id: messagingProfileId,
          media: [],
        },
      },
    });
    expect(eventOf(received).data.payload).not.toHaveProperty('autoresponse_type');
  });

  it('says when the carrier has answered a keyword, on the handset and nowhere else', async () => {
    const { text, webhook, url } = await startBothCarriers();
    await text('STOP');
    expect(eventOf(webhook.received[0]).data.payload['autoresponse_type']).toBe('STOP');
    const query = new URLSearchParams({ phone: customer, business });
    const shown = (await (await fetch(`${url}/handset/conversation?${query.toString()}`)).json()) as object[];
    expect(shown).toMatchObject([{ side: 'mine' }, { side: 'carrier' }]);
  });

  it('carries pictures that anybody with the link may fetch', async () => {
    const { text, webhook } = await startBothCarriers();
    const mediaUrls = ['data:image/gif;base64,R0lGODlhAQABAAAAACw=', 'https://example.com/far.jpg'];
    await text('', { mediaUrls });
    const { payload } = eventOf(webhook.received[0]).data;
    expect(payload).toMatchObject({
      type: 'MMS',
      media: [{ content_type: 'image/gif' }, { url: 'https://example.com/far.jpg' }],
    });
    const [first] = payload['media'] as { url: string }[];
    const file = await fetch(first?.url ?? '');
    expect(file.headers.get('content-type')).toBe('image/gif');
  });

  it('is not answered by TwiML', async () => {
    const { text, webhook, messages } = await startBothCarriers();
    webhook.answer = () => ({ status: 200, body: '<Response><Message>No.</Message></Response>' });
    expect((await text('Open?')).replies).toEqual([]);
    expect(await messages()).toEqual([]);
  });
});
