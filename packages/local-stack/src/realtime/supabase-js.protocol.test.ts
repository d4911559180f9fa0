import { createClient, REALTIME_SUBSCRIBE_STATES } from '@supabase/supabase-js';
import type { RealtimeChannel, RealtimeClientOptions, SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { claimPolicies, everything, keys, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';

let fixture: Fixture;
const clients: SupabaseClient[] = [];
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(claimPolicies);
});
afterEach(async () => {
  await Promise.all(
    clients.splice(0).map(async (client) => {
      await client.removeAllChannels();
      await client.realtime.disconnect();
    }),
  );
});
afterAll(() => fixture.stop());

type Options = { may?: string[]; realtime?: RealtimeClientOptions; url?: string };

/** A stock client; with rights it carries a user token, without it is anonymous. */
async function stock({ may, realtime, url }: Options = {}): Promise<SupabaseClient> {
  const accessToken = may && (await token({ sub: crypto.randomUUID(), may }));
  const client = createClient(url ?? fixture.server.url, keys.publishableKey, {
    auth: { persistSession: false },
    ...(accessToken !== undefined && { accessToken: async () => accessToken }),
    ...(realtime && { realtime }),
  });
  clients.push(client);
  if (accessToken !== undefined) await client.realtime.setAuth();
  return client;
}

/** Resolves once subscribed, rejects with the reason of a refusal. */
function subscribe(channel: RealtimeChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve();
      else reject(error ?? new Error(status));
    });
  });
}

type Message = { event: string; payload?: unknown; meta?: { id: string; replayed?: boolean } };

function collect(channel: RealtimeChannel): Message[] {
  const received: Message[] = [];
  channel.on('broadcast', { event: '*' }, (message) => received.push(message));
  return received;
}

// The socket of npm has more to its events than the client asks for.
const npmSocket = WebSocket as unknown as NonNullable<RealtimeClientOptions['transport']>;

describe.each<[string, RealtimeClientOptions]>([
  ['version 2.0.0 and the platform socket', {}],
  ['version 1.0.0 and the platform socket', { vsn: '1.0.0' }],
  ['version 2.0.0 and a socket from npm', { transport: npmSocket }],
])('a stock client of %s', (_name, realtime) => {
  it('sends, acknowledges and receives broadcasts on a private topic', async () => {
    const [anna, ben] = [
      await stock({ may: everything, realtime }),
      await stock({ may: everything, realtime }),
    ];
    const config = { private: true, broadcast: { ack: true, self: true } };
    const [from, to] = [anna.channel('room:1', { config }), ben.channel('room:1', { config })];
    const [own, received] = [collect(from), collect(to)];
    await Promise.all([subscribe(from), subscribe(to)]);
    expect(await from.send({ type: 'broadcast', event: 'typing', payload: { thread: 't1' } })).toBe('ok');
    await expect.poll(() => [own.length, received.length]).toEqual([1, 1]);
    expect(received[0]).toMatchObject({ event: 'typing', payload: { thread: 't1' } });
  });

  it('receives what the database sends, and what it missed', async () => {
    const client = await stock({ may: everything, realtime });
    const channel = client.channel('room:db', { config: { private: true } });
    const received = collect(channel);
    await subscribe(channel);
    await fixture.database.sql`select realtime.send('{"a":1}'::jsonb, 'created', 'room:db', true)`;
    await expect.poll(() => received.length).toBe(1);
    expect(received[0]).toMatchObject({
      event: 'created',
      payload: { a: 1 },
      meta: { id: expect.any(String) },
    });
    await client.removeChannel(channel);

    const replay = { since: Date.now() - 60_000, limit: 1 };
    const again = client.channel('room:db', { config: { private: true, broadcast: { replay } } });
    const replayed = collect(again);
    await subscribe(again);
    await expect.poll(() => replayed[0]?.meta).toEqual({ ...received[0]?.meta, replayed: true });
  });

  it('shows who is present, and who came and left', async () => {
    const open = async (key: string): Promise<RealtimeChannel> => {
      const client = await stock({ may: everything, realtime });
      return client.channel('room:present', { config: { private: true, presence: { key } } });
    };
    const [anna, ben] = [await open('anna'), await open('ben')];
    const seen: string[] = [];
    anna.on('presence', { event: 'join' }, ({ key }) => seen.push(`${key} came`));
    anna.on('presence', { event: 'leave' }, ({ key }) => seen.push(`${key} left`));
    ben.on('presence', { event: 'sync' }, () => undefined);
    await subscribe(anna);
    expect(await anna.track({ name: 'Anna' })).toBe('ok');
    expect(anna.presenceState()).toEqual({ anna: [{ name: 'Anna', presence_ref: expect.any(String) }] });
    await subscribe(ben);
    expect(await ben.track({ name: 'Ben' })).toBe('ok');
    await expect.poll(() => Object.keys(ben.presenceState()).sort()).toEqual(['anna', 'ben']);
    await ben.unsubscribe();
    await expect.poll(() => seen).toEqual(['anna came', 'ben came', 'ben left']);
    expect(await anna.untrack()).toBe('ok');
    await expect.poll(() => anna.presenceState()).toEqual({});
  });
});

it('exchanges raw bytes', async () => {
  const client = await stock();
  const channel = client.channel('bytes', { config: { broadcast: { self: true, ack: true } } });
  const received = collect(channel);
  await subscribe(channel);
  const bytes = new Uint8Array([1, 0, 255]);
  expect(await channel.send({ type: 'broadcast', event: 'file', payload: bytes.buffer })).toBe('ok');
  await expect.poll(() => received.length).toBe(1);
  expect(new Uint8Array(received[0]?.payload as ArrayBuffer)).toEqual(bytes);
});

it('broadcasts over HTTP, whether it is subscribed or not', async () => {
  const [listener, client] = [await stock({ may: everything }), await stock({ may: everything })];
  const config = { private: true };
  const channel = listener.channel('room:http', { config });
  const received = collect(channel);
  await subscribe(channel);
  const unsubscribed = client.channel('room:http', { config });
  expect(await unsubscribed.httpSend('single', { a: 1 })).toMatchObject({ success: true });
  await expect.poll(() => received.length).toBe(1);
  // The client deprecates this way of its own and says so on the console.
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  expect(await unsubscribed.send({ type: 'broadcast', event: 'batch', payload: { a: 2 } })).toBe('ok');
  warned.mockRestore();
  await expect.poll(() => received.map(({ event }) => event)).toEqual(['single', 'batch']);
  await expect(client.channel('vault', { config }).httpSend('e', {})).rejects.toThrow(/Unauthorized/);
});

it('learns why a private topic is closed to it', async () => {
  const client = await stock({ may: everything });
  const refused = subscribe(client.channel('vault', { config: { private: true } }));
  await expect(refused).rejects.toThrow(
    'Unauthorized: You do not have permissions to read from this Channel topic: vault',
  );
});

it('is subscribed with postgres_changes, and told that they will not come', async () => {
  const client = await stock();
  const systems: unknown[] = [];
  const channel = client
    .channel('changes')
    .on(
      'postgres_changes',
      { event: 'INSERT', schema: 'public', table: 't', filter: 'id=eq.1' },
      () => undefined,
    )
    .on('postgres_changes', { event: '*', schema: 'public' }, () => undefined)
    .on('system', {}, (message) => systems.push(message));
  await subscribe(channel);
  await expect
    .poll(() => systems)
    .toContainEqual(expect.objectContaining({ extension: 'postgres_changes', status: 'error' }));
  expect(channel.state).toBe('joined');
});

it('is closed when a token set later may not read the topic any more', async () => {
  const client = createClient(fixture.server.url, keys.publishableKey, { auth: { persistSession: false } });
  clients.push(client);
  await client.realtime.setAuth(await token({ may: everything }));
  const channel = client.channel('room:auth', { config: { private: true } });
  await subscribe(channel);
  const closed = new Promise<void>((resolve) => channel.on('system', {}, () => resolve()));
  await client.realtime.setAuth(await token({ may: [] }));
  await closed;
  await expect.poll(() => channel.state).toBe('closed');
});

it('comes back by itself after the server was restarted', async () => {
  const server = await fixture.serve({});
  const client = await stock({ url: server.url, realtime: { reconnectAfterMs: () => 50 } });
  const channel = client.channel('restart');
  const received = collect(channel);
  await subscribe(channel);
  await server.stop();
  const { port } = new URL(server.url);
  const restarted = await fixture.serve({ port: Number(port) });
  await expect.poll(() => channel.state, { timeout: 5000 }).toBe('joined');
  await restarted.whenReplicating(5000);
  await fixture.database.sql`select realtime.send('{}'::jsonb, 'back', 'restart', false)`;
  await expect.poll(() => received.map(({ event }) => event)).toEqual(['back']);
}, 15_000);
