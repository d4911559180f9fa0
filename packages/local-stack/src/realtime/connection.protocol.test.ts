import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { keys, socketUrl, startFixture, token } from './testing/fixture.ts';
import type { ConnectOptions, Fixture } from './testing/fixture.ts';
import type { RealtimeServer } from './server.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.stop());

const ok = { status: 'ok', response: { postgres_changes: [] } };

/** The HTTP answer to a refused upgrade. */
async function refusal(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; body: unknown }> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('the socket was opened')));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
      });
    });
  });
}

const url = (options: ConnectOptions = {}): string => socketUrl(fixture.server, options);

describe('the handshake', () => {
  it('is refused without a key', async () => {
    const bare = url().replace(/apikey=[^&]*/, '');
    expect(await refusal(bare)).toEqual({ status: 401, body: { error: expect.any(String) } });
  });

  it.each([
    ['malformed', async () => 'rubbish', /not a valid JWT/],
    ['expired', async () => token({ exp: 1000 }), /Token has expired \d+ seconds ago/],
    ['without a role', async () => token({ role: undefined }), /`role` and `exp` are required/],
    ['without an expiry', async () => token({ exp: undefined }), /`role` and `exp` are required/],
    ['signed by somebody else', async () => token({}, 'another secret of thirty-two chars'), /signature/],
    ['an unknown opaque key', async () => 'sb_publishable_unknown', /not a valid JWT/],
  ])('is refused with a key that is %s', async (_name, key, message) => {
    const answer = await refusal(url({ key: await key() }));
    expect(answer).toEqual({ status: 401, body: { error: expect.stringMatching(message) } });
  });

  it('is refused for a protocol version it does not speak', async () => {
    expect(await refusal(url({ version: '3.0.0' }))).toMatchObject({ status: 403 });
  });

  it('is refused away from the socket address', async () => {
    expect(await refusal(url({ path: '/elsewhere' }))).toMatchObject({ status: 404 });
    expect(await refusal(`${fixture.server.url.replace('http', 'ws')}//`)).toMatchObject({ status: 404 });
  });

  it('looks for the key in x-api-key first', async () => {
    const wrongQuery = await fixture.connect({
      key: 'rubbish',
      headers: { 'x-api-key': keys.publishableKey },
    });
    expect((await wrongQuery.join('realtime:a')).reply).toEqual(ok);
    const wrongHeader = await refusal(url(), { 'x-api-key': 'rubbish' });
    expect(wrongHeader.status).toBe(401);
  });

  it('takes user tokens and both opaque keys, bare and behind a gateway', async () => {
    for (const key of [await token({}), keys.publishableKey, keys.secretKey]) {
      for (const path of ['/realtime/v1/websocket', '/socket/websocket']) {
        const client = await fixture.connect({ key, path });
        expect((await client.join('realtime:a')).reply).toEqual(ok);
      }
    }
  });

  it('speaks version 1.0.0 when none is named', async () => {
    const client = await fixture.connect({ version: '1.0.0' });
    const unnamed = new WebSocket(url().replace(/vsn=[^&]*&/, ''));
    await new Promise((resolve) => unnamed.once('open', resolve));
    const answer = new Promise<string>((resolve) =>
      unnamed.once('message', (data: Buffer) => resolve(data.toString())),
    );
    unnamed.send('{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"}');
    const reply = { topic: 'phoenix', event: 'phx_reply', payload: { status: 'ok', response: {} }, ref: '7' };
    expect(JSON.parse(await answer)).toEqual(reply);
    unnamed.terminate();
    expect((await client.join('realtime:a')).reply).toEqual(ok);
  });
});

describe.each(['1.0.0', '2.0.0'])('a %s socket', (version) => {
  it('answers heartbeats', async () => {
    const client = await fixture.connect({ version });
    const reply = await client.reply(client.send('phoenix', 'heartbeat', {}, { joinRef: null }));
    expect(reply).toEqual({ status: 'ok', response: {} });
  });

  it('survives malformed frames and unknown events', async () => {
    const client = await fixture.connect({ version });
    const { ref: joinRef } = await client.join('realtime:a');
    for (const frame of ['rubbish', '[]', '{}', '[1,2]', Buffer.from([9, 9]), Buffer.alloc(0)])
      client.sendRaw(frame);
    client.send('realtime:a', 'dance', {}, { joinRef });
    client.clear();
    await client.settle();
    expect(client.received).toHaveLength(1);
  });

  it('says that a topic nobody joined is unmatched, but lets anyone leave it', async () => {
    const client = await fixture.connect({ version });
    const unmatched = { status: 'error', response: { reason: 'unmatched topic' } };
    expect(await client.reply(client.send('realtime:never', 'broadcast', {}))).toEqual(unmatched);
    expect(await client.reply(client.send('chat:never', 'phx_join', {}))).toEqual(unmatched);
    expect(await client.reply(client.send('realtime:never', 'phx_leave', {}))).toEqual({
      status: 'ok',
      response: {},
    });
  });

  it('leaves a channel with a reply and phx_close', async () => {
    const client = await fixture.connect({ version });
    const { ref: joinRef } = await client.join('realtime:a');
    client.clear();
    await client.reply(client.send('realtime:a', 'phx_leave', {}, { joinRef }));
    const close = await client.waitForEvent('phx_close');
    expect(close).toMatchObject({ topic: 'realtime:a', ref: joinRef, payload: {} });
    expect(client.received.map(({ event }) => event)).toEqual(['phx_reply', 'phx_close']);
  });

  it('closes the earlier channel before it answers a second join of its topic', async () => {
    const client = await fixture.connect({ version });
    const first = await client.join('realtime:a');
    client.clear();
    const second = await client.join('realtime:a');
    expect(client.received.map(({ event, ref }) => [event, ref])).toEqual([
      ['phx_close', first.ref],
      ['phx_reply', second.ref],
    ]);
  });

  it.each([null, 'stale'])('answers a push with the join reference %s', async (joinRef) => {
    const client = await fixture.connect({ version });
    await client.join('realtime:a', { broadcast: { ack: true } });
    const reply = await client.reply(client.send('realtime:a', 'broadcast', { event: 'e' }, { joinRef }));
    expect(reply).toEqual({ status: 'ok', response: {} });
  });
});

it('keeps a channel that was joined again when a late leave of the earlier one comes', async () => {
  const client = await fixture.connect();
  const first = await client.join('realtime:a');
  await client.join('realtime:a', { broadcast: { ack: true } });
  const left = await client.reply(client.send('realtime:a', 'phx_leave', {}, { joinRef: first.ref }));
  expect(left.status).toBe('ok');
  expect(await client.reply(client.send('realtime:a', 'broadcast', { event: 'e' }))).toMatchObject({
    status: 'ok',
  });
});

it('puts the join reference into replies and phx_close of version 2.0.0', async () => {
  const client = await fixture.connect();
  const { ref } = await client.join('realtime:a');
  client.send('realtime:a', 'phx_leave', {}, { joinRef: ref, ref: '99' });
  expect(await client.waitForEvent('phx_close')).toMatchObject({ joinRef: ref, ref });
  expect(await client.waitFor((message) => message.ref === '99')).toMatchObject({ joinRef: ref });
});

it('echoes postgres_changes in order with integer ids, and says that they will not come', async () => {
  const client = await fixture.connect();
  const wanted = [
    { event: '*', schema: 'public', table: 't', filter: 'id=eq.1' },
    { event: 'INSERT', schema: 'public' },
  ];
  const { reply } = await client.join('realtime:a', { postgres_changes: wanted });
  expect(reply.response.postgres_changes).toEqual(
    wanted.map((change) => ({ ...change, id: expect.any(Number) })),
  );
  const system = await client.waitForEvent('system');
  expect(system.payload).toMatchObject({ extension: 'postgres_changes', status: 'error', channel: 'a' });
});

it('closes a socket whose frame is too long', async () => {
  const client = await fixture.connect();
  client.sendRaw('x'.repeat(5_000_001));
  expect((await client.waitForClose()).code).toBe(1009);
});

describe('a server with tight limits', () => {
  let strict: RealtimeServer;
  beforeAll(async () => {
    strict = await fixture.serve({ limits: { channelsPerConnection: 2, connections: 2 }, errorDelayMs: 60 });
  });

  it('refuses a channel too many, and takes it once another is left', async () => {
    const client = await fixture.connect({ server: strict });
    const { ref: joinRef } = await client.join('realtime:a');
    await client.join('realtime:b');
    expect((await client.join('realtime:c')).reply).toEqual({
      status: 'error',
      response: { reason: 'ChannelRateLimitReached: Too many channels' },
    });
    expect((await client.join('realtime:b')).reply).toEqual(ok);
    await client.reply(client.send('realtime:a', 'phx_leave', {}, { joinRef }));
    expect((await client.join('realtime:c')).reply).toEqual(ok);
    client.close();
    await client.waitForClose();
  });

  it('goes on serving a socket while an error reply waits', async () => {
    const client = await fixture.connect({ server: strict });
    const refused = client.send('realtime:', 'phx_join', {});
    const joined = client.send('realtime:ok', 'phx_join', {});
    await client.reply(refused);
    const order = client.received.map(({ ref }) => ref);
    expect(order).toEqual([joined, refused]);
    client.close();
    await client.waitForClose();
  });

  it('refuses users too many at the join, and then at the door', async () => {
    const waiting = await fixture.connect({ server: strict });
    const others = [await fixture.connect({ server: strict }), await fixture.connect({ server: strict })];
    for (const other of others) expect((await other.join('realtime:a')).reply).toEqual(ok);
    expect((await waiting.join('realtime:a')).reply).toEqual({
      status: 'error',
      response: { reason: 'ConnectionRateLimitReached: Too many connected users' },
    });
    const atTheDoor = await refusal(socketUrl(strict, {}));
    expect(atTheDoor).toEqual({ status: 429, body: { error: 'Too many connected users' } });
    for (const client of [waiting, ...others]) client.close();
  });

  it('closes the whole socket when there are too many joins', async () => {
    const server = await fixture.serve({ limits: { joinsPerSecond: 0.05 } });
    const client = await fixture.connect({ server });
    for (const name of ['a', 'b', 'c']) expect((await client.join(`realtime:${name}`)).reply).toEqual(ok);
    expect((await client.join('realtime:d')).reply).toEqual({
      status: 'error',
      response: { reason: 'ClientJoinRateLimitReached: Too many joins per second' },
    });
    expect((await client.waitForClose()).code).toBe(1001);
    expect(await refusal(socketUrl(server, {}))).toEqual({
      status: 429,
      body: { error: 'Too many joins per second' },
    });
  });
});

it('needs a topic name', async () => {
  const client = await fixture.connect();
  expect((await client.join('realtime:')).reply).toEqual({
    status: 'error',
    response: { reason: 'TopicNameRequired: You must provide a topic name' },
  });
});

it('refuses public channels where only private ones are allowed', async () => {
  const client = await fixture.connect({
    server: await fixture.serve({ privateOnly: true }),
    key: keys.secretKey,
  });
  expect((await client.join('realtime:a')).reply.response.reason).toBe(
    'PrivateOnly: This project only allows private channels',
  );
  expect((await client.join('realtime:a', { private: true })).reply).toEqual(ok);
});

it('closes a socket that says nothing', async () => {
  const server = await fixture.serve({ idleTimeoutMs: 40 });
  const client = await fixture.connect({ server });
  expect((await client.waitForClose()).code).toBe(1001);
});

it('closes every socket with 1012 when it stops', async () => {
  const server = await fixture.serve({});
  const client = await fixture.connect({ server });
  await client.join('realtime:a');
  await server.stop();
  expect((await client.waitForClose()).code).toBe(1012);
});

it('tells its health, bare and behind a gateway', async () => {
  for (const path of ['/health', '/realtime/v1/health', '/api/health']) {
    const response = await fetch(fixture.server.url + path);
    expect(await response.json()).toEqual({ status: 'ok', replicating: true });
  }
  expect((await fetch(`${fixture.server.url}/nowhere`)).status).toBe(404);
  expect((await fetch(`${fixture.server.url}/socket/websocket`)).status).toBe(426);
});
