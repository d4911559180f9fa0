import { describe, expect, it } from 'vitest';
import {
  accountSid,
  authToken,
  basicAuth,
  business,
  customer,
  secondBusiness,
  startCarrier,
} from './testing/carrier-fixture.ts';

const service = `MG${'a'.repeat(32)}`;
const rfc2822 = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/;
const base = `/2010-04-01/Accounts/${accountSid}`;

interface Problem {
  code: number;
  status: number;
}

describe('creating a message', () => {
  it('answers 201 with the resource as Twilio writes it', async () => {
    const { create } = await startCarrier();
    const answer = await create({ Body: 'Hello' });
    const resource = (await answer.json()) as Record<string, string>;
    expect(answer.status).toBe(201);
    expect(resource['sid']).toMatch(/^SM[0-9a-f]{32}$/);
    expect(resource['date_created']).toMatch(rfc2822);
    expect(resource).toEqual({
      ...{ account_sid: accountSid, api_version: '2010-04-01', body: 'Hello', from: business, to: customer },
      ...{ date_created: resource['date_created'], date_updated: resource['date_created'], date_sent: null },
      ...{ direction: 'outbound-api', error_code: null, error_message: null, messaging_service_sid: null },
      ...{
        num_media: '0',
        num_segments: '1',
        price: null,
        price_unit: 'USD',
        sid: resource['sid'],
        status: 'queued',
      },
      subresource_uris: { media: `${base}/Messages/${resource['sid']}/Media.json` },
      uri: `${base}/Messages/${resource['sid']}.json`,
    });
  });

  it('accepts through a messaging service and names the sender later', async () => {
    const { create, client, callbackUrl, webhook } = await startCarrier();
    const answer = await create({ From: '', MessagingServiceSid: service, StatusCallback: callbackUrl });
    const resource = (await answer.json()) as Record<string, string>;
    expect(resource).toMatchObject({
      status: 'accepted',
      from: null,
      num_segments: '0',
      messaging_service_sid: service,
    });
    const [queued, sent, delivered] = await webhook.count(3);
    expect([queued, sent, delivered].map((each) => each?.form['MessageStatus'])).toEqual([
      'queued',
      'sent',
      'delivered',
    ]);
    const message = await client.messages(resource['sid'] ?? '').fetch();
    expect([business, secondBusiness]).toContain(message.from);
    expect(message).toMatchObject({
      status: 'delivered',
      numSegments: '1',
      price: '-0.00790',
      errorCode: null,
    });
  });

  it('gives pictures an MM identifier and lists them', async () => {
    const { client } = await startCarrier();
    const message = await client.messages.create({
      ...{
        to: customer,
        from: business,
        mediaUrl: ['https://example.com/a.png', 'https://example.com/b.png'],
      },
    });
    expect(message.sid).toMatch(/^MM/);
    expect(message.numMedia).toBe('2');
    expect(await client.messages(message.sid).media.list()).toHaveLength(2);
  });

  it('counts segments as Twilio does, and fewer with smart encoding', async () => {
    const { client } = await startCarrier();
    const body = `“${'a'.repeat(100)}”`;
    const plain = await client.messages.create({ to: customer, from: business, body });
    const smart = await client.messages.create({ to: customer, from: business, body, smartEncoded: true });
    expect([plain.numSegments, smart.numSegments]).toEqual(['2', '1']);
    expect(smart.body).toBe(`"${'a'.repeat(100)}"`);
  });

  it('fails what waited longer than its validity period', async () => {
    const { create, webhook, callbackUrl } = await startCarrier({ timings: { sendMs: 1500 } });
    await create({ ValidityPeriod: '1', StatusCallback: callbackUrl });
    const [failed] = await webhook.count(1);
    expect(failed?.form).toMatchObject({ MessageStatus: 'failed', ErrorCode: '30036' });
  });

  it('tells the client how busy the account is', async () => {
    const { create } = await startCarrier();
    const { headers } = await create();
    expect(headers.get('twilio-concurrent-requests')).toBe('1');
    expect(Number(headers.get('twilio-request-duration'))).toBeGreaterThanOrEqual(0);
  });

  it('refuses requests above the concurrency it was given, and records none of them', async () => {
    const { create, control, messages } = await startCarrier({ maxConcurrentRequests: 2 });
    await control('PUT', '/faults', { latencyMs: 60_000 });
    const held = [create(), create()].map((answer) => answer.catch(() => 'cut off when the carrier closed'));
    await expect.poll(async () => (await messages()).length).toBe(held.length);
    await control('PUT', '/faults', {});
    const refused = await create();
    expect([refused.status, (await refused.json()) as Problem]).toMatchObject([429, { code: 20429 }]);
    expect(await messages()).toHaveLength(2);
  });
});

describe('signing in', () => {
  const list = (url: string, authorization: string, sid = accountSid) =>
    fetch(`${url}/2010-04-01/Accounts/${sid}/Messages.json`, { headers: { authorization } });
  const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

  it.each([[''], ['Bearer x'], [basic(`${accountSid}:wrong`)], [basic('nobody')]])(
    'refuses %j with 20003',
    async (authorization) => {
      const { url } = await startCarrier();
      const answer = await list(url, authorization);
      expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([401, 20003]);
    },
  );

  it('does not know other accounts', async () => {
    const { url } = await startCarrier();
    const answer = await list(url, basicAuth, `AC${'f'.repeat(32)}`);
    expect([answer.status, ((await answer.json()) as Problem).code]).toEqual([404, 20404]);
  });

  it('takes an API key in place of the auth token', async () => {
    const { url } = await startCarrier({}, { apiKeys: [{ sid: 'SK1', secret: 'secret' }] });
    expect((await list(url, basic('SK1:secret'))).status).toBe(200);
    expect((await list(url, basic(`${accountSid}:${authToken}`))).status).toBe(200);
  });

  it('shows the account and its numbers', async () => {
    const { client } = await startCarrier();
    expect((await client.api.v2010.accounts(accountSid).fetch()).status).toBe('active');
    const numbers = await client.incomingPhoneNumbers.list();
    expect(numbers.map(({ phoneNumber }) => phoneNumber)).toEqual([business, secondBusiness]);
  });
});

describe('reading messages', () => {
  it('answers 20404 for a message that is not there', async () => {
    const { client } = await startCarrier();
    await expect(client.messages(`SM${'0'.repeat(32)}`).fetch()).rejects.toMatchObject({
      status: 404,
      code: 20404,
    });
  });

  it('pages through everything once, newest first', async () => {
    const { client, create } = await startCarrier();
    for (let number = 1; number <= 25; number++) await create({ Body: String(number) });
    const listed = await client.messages.list({ pageSize: 10 });
    expect(listed.map(({ body }) => body)).toEqual(
      Array.from({ length: 25 }, (_, index) => String(25 - index)),
    );
  });

  it('keeps its place when newer messages arrive between two pages', async () => {
    const { client, create } = await startCarrier();
    for (let number = 1; number <= 4; number++) await create({ Body: String(number) });
    const first = await client.messages.page({ pageSize: 2 });
    await create({ Body: 'newer' });
    const second = await first.nextPage();
    expect(second?.instances.map(({ body }) => body)).toEqual(['2', '1']);
    expect(await second?.nextPage()).toBeUndefined();
    expect((await second?.previousPage())?.instances).toHaveLength(2);
  });

  it('finds a conversation by both directions of the pair', async () => {
    const { client, create, text } = await startCarrier();
    await create({ Body: 'out' });
    await create({ Body: 'elsewhere', To: '+14155550199' });
    await create({ Body: 'other line', From: secondBusiness });
    await text('in');
    const bodies = async (filter: object) => (await client.messages.list(filter)).map(({ body }) => body);
    expect(await bodies({ to: customer, from: business })).toEqual(['out']);
    expect(await bodies({ to: business, from: customer })).toEqual(['in']);
    expect(await bodies({ to: customer })).toEqual(['other line', 'out']);
    expect(await bodies({ from: business })).toEqual(['elsewhere', 'out']);
  });

  it('filters by the day and by the moment of sending, and hides what was not sent', async () => {
    const { client, create, webhook, callbackUrl } = await startCarrier();
    await create({ Body: 'sent', StatusCallback: callbackUrl });
    await webhook.count(2);
    await create({
      Body: 'waiting',
      From: '',
      MessagingServiceSid: service,
      ScheduleType: 'fixed',
      SendAt: inDays(2),
    });
    const bodies = async (filter: object) => (await client.messages.list(filter)).map(({ body }) => body);
    const hour = 3_600_000;
    expect(await bodies({})).toEqual(['waiting', 'sent']);
    expect(await bodies({ dateSent: new Date() })).toEqual(['sent']);
    expect(await bodies({ dateSentAfter: new Date(Date.now() - hour) })).toEqual(['sent']);
    expect(await bodies({ dateSentAfter: new Date(Date.now() + hour) })).toEqual([]);
    expect(await bodies({ dateSentBefore: new Date(Date.now() + hour) })).toEqual(['sent']);
    expect(await bodies({ dateSentBefore: new Date(Date.now() - hour) })).toEqual([]);
  });

  it('takes date filters written by hand', async () => {
    const { url, create, webhook, callbackUrl } = await startCarrier();
    await create({ StatusCallback: callbackUrl });
    await webhook.count(2);
    const today = new Date().toISOString().slice(0, 10);
    for (const query of [
      `DateSent>=${today}`,
      `DateSent<=${today}`,
      `DateSent=${today}`,
      `DateSent%3E=2020-01-01`,
    ]) {
      const answer = await fetch(`${url}${base}/Messages.json?${query}`, {
        headers: { authorization: basicAuth },
      });
      expect(((await answer.json()) as { messages: unknown[] }).messages).toHaveLength(1);
    }
  });
});

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
}

describe('changing messages', () => {
  const schedule = { From: '', MessagingServiceSid: service, ScheduleType: 'fixed', SendAt: inDays(2) };

  it('cancels a scheduled message and says so', async () => {
    const { client, create, webhook, callbackUrl } = await startCarrier();
    const { sid } = (await (await create({ ...schedule, StatusCallback: callbackUrl })).json()) as {
      sid: string;
    };
    expect((await client.messages(sid).fetch()).status).toBe('scheduled');
    expect((await client.messages(sid).update({ status: 'canceled' })).status).toBe('canceled');
    expect((await webhook.count(1))[0]?.form['MessageStatus']).toBe('canceled');
  });

  it('sends a scheduled message by itself when it is due', async () => {
    const { create, webhook, callbackUrl } = await startCarrier({
      scheduleWindow: { leastMs: 0, mostMs: 10_000 },
    });
    const SendAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString();
    const answer = await create({ ...schedule, SendAt, StatusCallback: callbackUrl });
    expect(await answer.json()).toMatchObject({ status: 'scheduled' });
    const statuses = (await webhook.count(3)).map(({ form }) => form['MessageStatus']);
    expect(statuses).toEqual(['queued', 'sent', 'delivered']);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(SendAt));
  });

  it('refuses to cancel what is on its way', async () => {
    const { client } = await startCarrier();
    const { sid } = await client.messages.create({ to: customer, from: business, body: 'gone' });
    await expect(client.messages(sid).update({ status: 'canceled' })).rejects.toMatchObject({ code: 30409 });
  });

  it('redacts and deletes what is finished, and nothing before', async () => {
    const { client, webhook, callbackUrl } = await startCarrier({ timings: { sendMs: 500 } });
    const { sid } = await client.messages.create({
      to: customer,
      from: business,
      body: 'secret',
      statusCallback: callbackUrl,
    });
    await expect(client.messages(sid).remove()).rejects.toMatchObject({ status: 409, code: 20009 });
    await webhook.count(2);
    expect((await client.messages(sid).update({ body: '' })).body).toBe('');
    await expect(client.messages(sid).update({ body: 'new words' })).rejects.toMatchObject({ code: 20001 });
    expect(await client.messages(sid).remove()).toBe(true);
    await expect(client.messages(sid).fetch()).rejects.toMatchObject({ code: 20404 });
    expect(await client.messages.list()).toEqual([]);
  });
});
