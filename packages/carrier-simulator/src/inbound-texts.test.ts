import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import {
  accountSid,
  authToken,
  basicAuth,
  business,
  customer,
  startCarrier,
} from './testing/carrier-fixture.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a customer’s text', () => {
  it('reaches the business as Twilio’s signed webhook, and the answer’s status comes back', async () => {
    const { text, webhook } = await startCarrier();
    webhook.answer = () => ({ status: 202 });
    const result = await text('Hello, café 😀 & more + plus', { from: '+13125550142' });
    expect(result).toMatchObject({ status: 202, accountSid, keyword: null, replies: [] });
    const [received] = webhook.received;
    const { url = '', headers = {}, form = {} } = received ?? {};
    expect(twilio.validateRequest(authToken, String(headers['x-twilio-signature']), url, form)).toBe(true);
    expect(headers['i-twilio-idempotency-token']).toBeDefined();
    expect(form).toEqual({
      ...{ MessageSid: result.messageSid, SmsSid: result.messageSid, SmsMessageSid: result.messageSid },
      ...{
        AccountSid: accountSid,
        ApiVersion: '2010-04-01',
        SmsStatus: 'received',
        NumMedia: '0',
        NumSegments: '1',
      },
      ...{ From: '+13125550142', To: business, Body: 'Hello, café 😀 & more + plus' },
      ...{ FromCity: 'CHICAGO', FromState: 'IL', FromZip: '60601', FromCountry: 'US' },
      ...{ ToCity: 'CHICAGO', ToState: 'IL', ToZip: '60601', ToCountry: 'US' },
    });
  });

  it('is told to the handset as unanswered when nobody listens', async () => {
    const { text, webhook } = await startCarrier();
    await webhook.stop();
    const result = await text('Anyone?');
    expect(result.status).toBe(0);
    expect(result.attempts).toHaveLength(2);
  });

  it('is taken even when the account has no webhook', async () => {
    const { text, client } = await startCarrier({}, { inboundWebhookUrl: undefined });
    expect((await text('Anyone?')).status).toBeNull();
    expect((await client.messages.list({ from: customer }))[0]).toMatchObject({
      direction: 'inbound',
      status: 'received',
    });
  });

  it.each([
    [{ from: 'nobody', to: business, body: 'Hi' }, 400, 'from'],
    [{ from: customer, to: business }, 400, 'body'],
    [{ from: customer, to: business, body: 'Hi', color: 'red' }, 400, 'color'],
    [{ from: customer, to: '+12065550100', body: 'Hi' }, 404, '+12065550100'],
  ])('is refused when it is %j', async (input, status, words) => {
    const { control } = await startCarrier();
    const answer = await control('POST', '/inbound', input);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toContain(words);
  });

  it('carries pictures that need sign-in and lie behind a redirect', async () => {
    const { text, webhook, url } = await startCarrier();
    const result = await text('', {
      mediaUrls: [`data:image/png;base64,${png}`, 'https://example.com/far.jpg'],
    });
    expect(result.messageSid).toMatch(/^MM/);
    const form = webhook.received[0]?.form ?? {};
    expect(form).toMatchObject({
      NumMedia: '2',
      MediaContentType0: 'image/png',
      MediaUrl1: 'https://example.com/far.jpg',
    });
    const address = form['MediaUrl0'] ?? '';
    expect(
      address.startsWith(`${url}/2010-04-01/Accounts/${accountSid}/Messages/${result.messageSid}/Media/ME`),
    ).toBe(true);
    expect((await fetch(address)).status).toBe(401);
    const redirect = await fetch(address, { headers: { authorization: basicAuth }, redirect: 'manual' });
    expect(redirect.status).toBe(307);
    const file = await fetch(new URL(redirect.headers.get('location') ?? '', url));
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await file.arrayBuffer()).toString('base64')).toBe(png);
  });

  it('leaves no picture behind once it was deleted', async () => {
    const { text, client, webhook } = await startCarrier();
    const { messageSid } = await text('', { mediaUrls: [`data:image/png;base64,${png}`] });
    const [item] = await client.messages(messageSid).media.list();
    expect(item).toMatchObject({ contentType: 'image/png', parentSid: messageSid });
    expect(
      await client
        .messages(messageSid)
        .media(item?.sid ?? '')
        .remove(),
    ).toBe(true);
    expect(await client.messages(messageSid).media.list()).toEqual([]);
    const answer = await fetch(webhook.received[0]?.form['MediaUrl0'] ?? '', {
      headers: { authorization: basicAuth },
    });
    expect(answer.status).toBe(404);
  });

  it('is in the log with its pictures when its webhook is lost', async () => {
    const { text, webhook, client, control, messages } = await startCarrier();
    await control('PUT', '/faults', { inboundDropRate: 1 });
    const sentAt = new Date('2026-01-01T10:00:00Z');
    const { status, messageSid } = await text('', {
      mediaUrls: [`data:image/png;base64,${png}`],
      sentAt: sentAt.toISOString(),
    });
    expect(status).toBeNull();
    expect(webhook.received).toEqual([]);
    expect((await messages('?direction=inbound'))[0]?.callbacks).toMatchObject([{ dropped: true }]);
    const day = { dateSentAfter: sentAt, dateSentBefore: sentAt };
    const listed = await client.messages.list({ to: business, ...day });
    expect(listed).toMatchObject([
      { sid: messageSid, direction: 'inbound', numMedia: '1', dateSent: sentAt },
    ]);
    expect(await client.messages(messageSid).media.list()).toMatchObject([{ contentType: 'image/png' }]);
    await control('PUT', '/faults', {});
    expect((await text('Hello')).status).toBe(204);
  });

  it('is told twice when a fault says so', async () => {
    const { text, webhook, control, messages } = await startCarrier();
    await control('PUT', '/faults', { inboundDuplicateRate: 1 });
    const { messageSid, attempts } = await text('Hello');
    expect(webhook.received.map(({ form }) => form['MessageSid'])).toEqual([messageSid, messageSid]);
    expect(attempts).toHaveLength(2);
    const [told] = await messages('?direction=inbound');
    expect(told?.callbacks.map(({ duplicate }) => duplicate)).toEqual([false, true]);
  });

  it('is answered by TwiML', async () => {
    const { text, webhook, messages } = await startCarrier();
    webhook.answer = () => ({ status: 200, body: '<Response><Message>We are closed.</Message></Response>' });
    const { replies } = await text('Open?');
    expect(await messages()).toMatchObject([
      { sid: replies[0], origin: 'reply', from: business, to: customer, body: 'We are closed.' },
    ]);
  });
});

describe('STOP, START and HELP', () => {
  it.each(['STOP', 'stop', ' Unsubscribe ', 'END', 'quit', 'stopall', 'Revoke', 'OptOut', 'cancel'])(
    'blocks the pair on %j, tells the business all the same, and refuses to send',
    async (word) => {
      const { text, webhook, create } = await startCarrier();
      expect((await text(word)).keyword).toBe('stop');
      expect(webhook.received[0]?.form['Body']).toBe(word);
      expect(webhook.received[0]?.form).not.toHaveProperty('OptOutType');
      const refused = await create();
      expect([refused.status, ((await refused.json()) as { code: number }).code]).toEqual([400, 21610]);
      expect((await create({ To: '+14155550199' })).status).toBe(201);
    },
  );

  it.each(['STOP please', 'do not stop', 'OPT OUT', 'stop.'])(
    'takes %j for ordinary words',
    async (words) => {
      const { text, create } = await startCarrier();
      expect((await text(words)).keyword).toBeNull();
      expect((await create()).status).toBe(201);
    },
  );

  it.each(['START', 'yes', 'Unstop'])('lifts the block on %j', async (word) => {
    const { text, create } = await startCarrier();
    await text('STOP');
    expect((await text(word)).keyword).toBe('start');
    expect((await create()).status).toBe(201);
  });

  it('answers on the handset and nowhere else, and only when something changes', async () => {
    const { text, client, messages, url } = await startCarrier();
    for (const words of ['yes', 'STOP', 'STOP', 'START', 'HELP']) await text(words);
    const query = new URLSearchParams({ phone: customer, business });
    const shown = (await (await fetch(`${url}/handset/conversation?${query.toString()}`)).json()) as {
      side: string;
      body: string;
    }[];
    const answers = shown.filter(({ side }) => side === 'carrier').map(({ body }) => body.split('.')[0]);
    expect(answers).toEqual([
      'You have successfully been unsubscribed',
      'You have successfully been re-subscribed to messages from this number',
      'Reply STOP to unsubscribe',
    ]);
    expect(await messages()).toEqual([]);
    expect(await client.messages.list({ to: customer })).toEqual([]);
  });

  it('blocks a whole messaging service, and says so where advanced opt-out is on', async () => {
    const sid = `MG${'b'.repeat(32)}`;
    const numbers = [business, '+17735550002'];
    const { text, create, webhook } = await startCarrier(
      {},
      { messagingServices: [{ sid, numbers, advancedOptOut: true }] },
    );
    await text('STOP');
    expect(webhook.received[0]?.form).toMatchObject({ OptOutType: 'STOP', MessagingServiceSid: sid });
    for (const parameters of [{ From: '+17735550002' }, { From: '', MessagingServiceSid: sid }]) {
      expect(((await (await create(parameters)).json()) as { code: number }).code).toBe(21610);
    }
  });

  it('fails a message that was scheduled before the block', async () => {
    const { text, create, webhook, callbackUrl } = await startCarrier({
      scheduleWindow: { leastMs: 0, mostMs: 10_000 },
    });
    const SendAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString();
    const MessagingServiceSid = `MG${'a'.repeat(32)}`;
    await create({ MessagingServiceSid, ScheduleType: 'fixed', SendAt, StatusCallback: callbackUrl });
    await text('STOP');
    const received = await webhook.count(2);
    expect(received[1]?.form).toMatchObject({ MessageStatus: 'failed', ErrorCode: '21610' });
  });
});
