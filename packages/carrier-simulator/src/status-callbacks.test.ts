import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { accountSid, authToken, business, customer, startCarrier } from './testing/carrier-fixture.ts';
import type { ReceivedWebhook } from './testing/webhook-receiver.ts';

const statuses = (webhooks: readonly ReceivedWebhook[]) => webhooks.map(({ form }) => form['MessageStatus']);

describe('status callbacks', () => {
  it('tell of sent and delivered in order, with Twilio’s parameters, and never of the first status', async () => {
    const { create, webhook, callbackUrl } = await startCarrier();
    const { sid } = (await (await create({ StatusCallback: callbackUrl })).json()) as { sid: string };
    const received = await webhook.count(2);
    expect(statuses(received)).toEqual(['sent', 'delivered']);
    expect(received[1]?.form).toEqual({
      ...{ AccountSid: accountSid, ApiVersion: '2010-04-01', From: business, To: customer },
      ...{ MessageSid: sid, SmsSid: sid, MessageStatus: 'delivered', SmsStatus: 'delivered' },
      RawDlrDoneDate: expect.stringMatching(/^\d{10}$/) as string,
    });
  });

  it('are signed so that Twilio’s SDK believes them, query included', async () => {
    const { create, webhook, callbackUrl } = await startCarrier();
    await create({ StatusCallback: `${callbackUrl}&x=a%20b#rc=2` });
    for (const { url, headers, form } of await webhook.count(2)) {
      const signature = String(headers['x-twilio-signature']);
      expect(url).toContain('a=7f9c&x=a%20b');
      expect(twilio.validateRequest(authToken, signature, url, form)).toBe(true);
      expect(twilio.validateRequest('another token', signature, url, form)).toBe(false);
    }
  });

  it.each([
    ['+13075550103', '30003', 'undelivered'],
    ['+13075550105', '30005', 'undelivered'],
    ['+13075550106', '30006', 'undelivered'],
    ['+13075550107', '30007', 'undelivered'],
  ])('end as the magic number %s says', async (To, code, status) => {
    const { create, webhook, callbackUrl, client } = await startCarrier();
    const { sid } = (await (await create({ To, StatusCallback: callbackUrl })).json()) as { sid: string };
    const received = await webhook.count(2);
    expect(statuses(received)).toEqual(['sent', status]);
    expect(received[1]?.form['ErrorCode']).toBe(code);
    expect(await client.messages(sid).fetch()).toMatchObject({ status, errorCode: Number(code) });
  });

  it('end with an injected error of delivery, after the create was accepted', async () => {
    const { create, webhook, callbackUrl, control } = await startCarrier();
    await control('PUT', '/faults', { rejectRate: 1, error: 30007, seed: 1 });
    expect((await create({ StatusCallback: callbackUrl })).status).toBe(201);
    expect((await webhook.count(2))[1]?.form).toMatchObject({
      MessageStatus: 'undelivered',
      ErrorCode: '30007',
    });
  });

  it('come twice where that was asked for, with the same idempotency token', async () => {
    const { create, webhook, callbackUrl, control } = await startCarrier();
    await control('PUT', '/faults', { callbackDuplicateRate: 1 });
    await create({ StatusCallback: callbackUrl });
    const received = await webhook.count(4);
    expect(statuses(received)).toEqual(['sent', 'sent', 'delivered', 'delivered']);
    const tokens = received.map(({ headers }) => headers['i-twilio-idempotency-token']);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[1]).not.toBe(tokens[2]);
  });

  it('come in the wrong order where that was asked for', async () => {
    const { create, webhook, callbackUrl, control } = await startCarrier();
    await control('PUT', '/faults', { callbackReorder: true });
    await create({ StatusCallback: callbackUrl });
    expect(statuses(await webhook.count(2))).toEqual(['delivered', 'sent']);
  });

  it('get lost where that was asked for, and the record shows it', async () => {
    const { create, webhook, callbackUrl, control, messages, client } = await startCarrier();
    await control('PUT', '/faults', { callbackDropRate: 1 });
    const { sid } = (await (await create({ StatusCallback: callbackUrl })).json()) as { sid: string };
    await expect.poll(async () => (await client.messages(sid).fetch()).status).toBe('delivered');
    const [message] = await messages();
    expect(message?.callbacks).toMatchObject([
      { status: 'sent', dropped: true },
      { status: 'delivered', dropped: true },
    ]);
    expect(webhook.received).toEqual([]);
  });

  it('come late where that was asked for, while the message itself is on time', async () => {
    const { create, webhook, callbackUrl, control, messages } = await startCarrier();
    await control('PUT', '/faults', { callbackDelayMs: 300 });
    await create({ StatusCallback: callbackUrl });
    await webhook.count(2);
    await expect.poll(async () => (await messages())[0]?.callbacks.length).toBe(2);
    const [message] = await messages();
    const sent = message?.transitions.find(({ status }) => status === 'sent');
    expect((message?.callbacks[0]?.atMs ?? 0) - (sent?.at ?? 0)).toBeGreaterThanOrEqual(295);
  });

  it('lose and double the same callbacks for the same seed', async () => {
    const { create, callbackUrl, control, messages } = await startCarrier();
    const run = async () => {
      await control('POST', '/reset');
      await control('PUT', '/faults', { callbackDuplicateRate: 0.4, callbackDropRate: 0.4, seed: 99 });
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          create({ To: `+1415555${1000 + index}`, StatusCallback: callbackUrl }),
        ),
      );
      const settled = (record: { callbacks: { status: string; dropped: boolean }[] }) =>
        record.callbacks.some(({ status }) => status === 'delivered');
      await expect.poll(async () => (await messages()).every(settled)).toBe(true);
      // The copy of the last callback is posted right after it.
      await expect.poll(async () => (await control('GET', '/status')).body['callbackBacklog']).toBe(0);
      const records = (await messages()).sort((one, other) => one.to.localeCompare(other.to));
      return records.map(({ to, callbacks }) => [
        to,
        callbacks.map(({ status, dropped, duplicate }) => ({ status, dropped, duplicate })),
      ]);
    };
    expect(await run()).toEqual(await run());
  });

  it('are tried again as the fragment of the URL says, and every try is on record', async () => {
    const { create, webhook, callbackUrl, messages } = await startCarrier();
    webhook.answer = () => ({ status: webhook.received.length < 3 ? 503 : 204 });
    await create({ StatusCallback: `${callbackUrl}#rc=5&rp=5xx` });
    await webhook.count(4);
    await expect.poll(async () => (await messages())[0]?.callbacks.length).toBe(4);
    expect((await messages())[0]?.callbacks).toMatchObject([
      { status: 'sent', attempt: 1, httpStatus: 503 },
      { status: 'sent', attempt: 2, httpStatus: 503 },
      { status: 'sent', attempt: 3, httpStatus: 204 },
      { status: 'delivered', attempt: 1, httpStatus: 204 },
    ]);
  });

  it('stop after a reset', async () => {
    const { create, webhook, callbackUrl, control, messages } = await startCarrier({
      timings: { sendMs: 20 },
    });
    await create({ StatusCallback: callbackUrl });
    await control('POST', '/reset');
    await create({ StatusCallback: callbackUrl, Body: 'after' });
    const received = await webhook.count(2);
    const [message] = await messages();
    expect(message).toMatchObject({ sequence: 1, body: 'after' });
    expect(new Set(received.map(({ form }) => form['MessageSid']))).toEqual(new Set([message?.sid]));
  });
});
