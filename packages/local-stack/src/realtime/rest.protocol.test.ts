import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimPolicies, everything, keys, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { RealtimeServer } from './server.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(claimPolicies);
});
afterAll(() => fixture.stop());

type Call = {
  server?: RealtimeServer;
  path?: string;
  key?: string;
  headers?: Record<string, string>;
  body?: unknown;
};

async function post(call: Call): Promise<{ status: number; body: unknown; origin: string | null }> {
  const { server = fixture.server, path = '/realtime/v1/api/broadcast', key = keys.publishableKey } = call;
  const body =
    call.body instanceof Uint8Array || typeof call.body === 'string' ? call.body : JSON.stringify(call.body);
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { apikey: key, 'content-type': 'application/json', ...call.headers },
    body,
  });
  const text = await response.text();
  const origin = response.headers.get('access-control-allow-origin');
  return { status: response.status, body: text === '' ? '' : JSON.parse(text), origin };
}

const message = (topic: string, more: object = {}): object => ({
  topic,
  event: 'e',
  payload: { a: 1 },
  ...more,
});
const delivered = { type: 'broadcast', event: 'e', payload: { a: 1 } };

describe('the batch address', () => {
  it('delivers every message and answers 202 with nothing', async () => {
    const [one, two] = [await fixture.connect(), await fixture.connect({ version: '1.0.0' })];
    await one.join('realtime:one');
    await two.join('realtime:two');
    expect(await post({ body: { messages: [message('one'), message('two')] } })).toEqual({
      status: 202,
      body: '',
      origin: '*',
    });
    expect((await one.waitForEvent('broadcast')).payload).toEqual(delivered);
    expect((await two.waitForEvent('broadcast')).payload).toEqual(delivered);
    expect((await post({ path: '/api/broadcast', body: { messages: [message('one')] } })).status).toBe(202);
  });

  it('skips private topics the caller may not write to, and still answers 202', async () => {
    const listener = await fixture.connect({ key: keys.secretKey });
    await listener.join('realtime:room:1', { private: true });
    await listener.join('realtime:vault', { private: true });
    const bearer = await token({ may: everything });
    const messages = [message('vault', { private: true }), message('room:1', { private: true })];
    const answer = await post({ headers: { authorization: `Bearer ${bearer}` }, body: { messages } });
    expect(answer.status).toBe(202);
    expect((await listener.waitForEvent('broadcast')).topic).toBe('realtime:room:1');
    await listener.settle();
    expect(listener.events('broadcast')).toHaveLength(1);
  });

  it('prefers the bearer token to the key', async () => {
    const body = { messages: [message('a')] };
    expect(await post({ headers: { authorization: 'Bearer rubbish' }, body })).toMatchObject({
      status: 401,
      body: { message: 'Unauthorized' },
    });
    const bearer = `Bearer ${await token({})}`;
    expect((await post({ key: 'rubbish', headers: { authorization: bearer }, body })).status).toBe(202);
    expect((await post({ key: '', body })).status).toBe(401);
  });

  it.each([
    ['no messages', {}, { messages: ["can't be blank"] }],
    ['an empty list', { messages: [] }, { messages: ["can't be blank"] }],
    ['something else than a list', { messages: 'hello' }, { messages: ['is invalid'] }],
    [
      'no topic',
      { messages: [message('a'), { event: 'e', payload: {} }] },
      { messages: [{}, { topic: ["can't be blank"] }] },
    ],
    ['no event', { messages: [{ topic: 'a', payload: {} }] }, { messages: [{ event: ["can't be blank"] }] }],
    [
      'no payload',
      { messages: [{ topic: 'a', event: 'e' }] },
      { messages: [{ payload: ["can't be blank"] }] },
    ],
    [
      'a payload that is no map',
      { messages: [message('a', { payload: 7 })] },
      { messages: [{ payload: ['is invalid'] }] },
    ],
  ])('answers 422 to %s', async (_name, body, errors) => {
    expect(await post({ body })).toMatchObject({ status: 422, body: { errors } });
  });

  it('answers 422 to a payload that is too large', async () => {
    const server = await fixture.serve({ limits: { payloadKilobytes: 1 } });
    const large = message('a', { payload: { text: 'x'.repeat(2000) } });
    expect((await post({ server, body: { messages: [large] } })).status).toBe(422);
  });

  it('answers 429 to a batch that is too large, and once the rate is used up', async () => {
    const server = await fixture.serve({ limits: { messagesPerSecond: 2 } });
    const batch = { messages: [1, 2, 3].map(() => message('a')) };
    expect(await post({ server, body: batch })).toMatchObject({
      status: 429,
      body: { message: 'Too many messages to broadcast, please reduce the batch size' },
    });
    // An average of two a second over a minute, less the message that no longer fits.
    for (let sent = 0; sent < 61; sent += 1) await post({ server, body: { messages: [message('a')] } });
    expect(await post({ server, body: { messages: [message('a')] } })).toMatchObject({ status: 429 });
  });
});

describe('the single address', () => {
  const path = (topic: string, event: string, query = ''): string =>
    `/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/${encodeURIComponent(event)}${query}`;

  it('delivers a JSON body as the payload', async () => {
    const [modern, old] = [await fixture.connect(), await fixture.connect({ version: '1.0.0' })];
    for (const client of [modern, old]) await client.join('realtime:a/b:ü');
    expect((await post({ path: path('a/b:ü', 'e'), body: { a: 1 } })).status).toBe(202);
    expect(await modern.waitForBinary()).toMatchObject({
      event: 'e',
      encoding: 1,
      body: Buffer.from('{"a":1}'),
    });
    expect((await old.waitForEvent('broadcast')).payload).toEqual(delivered);
  });

  it('delivers raw bytes to version 2.0.0 only', async () => {
    const [modern, old] = [await fixture.connect(), await fixture.connect({ version: '1.0.0' })];
    for (const client of [modern, old]) await client.join('realtime:bytes');
    const headers = { 'content-type': 'application/octet-stream' };
    const body = new Uint8Array([0, 1, 255]);
    expect((await post({ path: path('bytes', 'e'), headers, body })).status).toBe(202);
    expect(await modern.waitForBinary()).toMatchObject({ encoding: 0, body: Buffer.from(body) });
    await old.settle();
    expect(old.events('broadcast')).toEqual([]);
  });

  it('keeps private and public topics apart, and asks the policies', async () => {
    const listener = await fixture.connect({ key: keys.secretKey });
    await listener.join('realtime:room:s', { private: true });
    const headers = { authorization: `Bearer ${await token({ may: ['write:broadcast'] })}` };
    expect((await post({ path: path('room:s', 'public'), headers, body: {} })).status).toBe(202);
    expect((await post({ path: path('room:s', 'private', '?private=true'), headers, body: {} })).status).toBe(
      202,
    );
    expect((await listener.waitForBinary()).event).toBe('private');
    expect(listener.binary).toHaveLength(1);
    expect(await post({ path: path('vault', 'e', '?private=true'), headers, body: {} })).toMatchObject({
      status: 403,
      body: { message: 'Unauthorized' },
    });
  });

  it('refuses other media types, other bodies and other methods', async () => {
    const at = path('a', 'e');
    expect((await post({ path: at, headers: { 'content-type': 'text/plain' }, body: 'hi' })).status).toBe(
      415,
    );
    expect((await post({ path: at, body: '{' })).status).toBe(400);
    expect((await post({ path: at, key: 'rubbish', body: {} })).status).toBe(401);
    expect((await post({ path: path('a', 'e', '?persist=true'), body: {} })).status).toBe(422);
    expect((await fetch(fixture.server.url + at, { headers: { apikey: keys.publishableKey } })).status).toBe(
      405,
    );
    expect((await post({ path: '/api/elsewhere', body: {} })).status).toBe(404);
  });

  it('answers 422 and 429 at the limits', async () => {
    const server = await fixture.serve({ limits: { payloadKilobytes: 1, messagesPerSecond: 0.01 } });
    const large = { text: 'x'.repeat(2000) };
    expect(await post({ server, path: path('a', 'e'), body: large })).toMatchObject({
      status: 422,
      body: { errors: { payload: ['Payload size exceeds tenant limit'] } },
    });
    expect((await post({ server, path: path('a', 'e'), body: {} })).status).toBe(202);
    expect((await post({ server, path: path('a', 'e'), body: {} })).status).toBe(429);
  });
});

it('lets a browser of any origin ask first', async () => {
  const response = await fetch(`${fixture.server.url}/realtime/v1/api/broadcast`, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:5173', 'access-control-request-headers': 'apikey, x-my-header' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-headers')).toBe('apikey, x-my-header');
  expect(response.headers.get('access-control-allow-methods')).toContain('POST');
});
