import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimPolicies, everything, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { Reply, WireClient } from './testing/wire.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(claimPolicies);
});
afterAll(() => fixture.stop());

const enabled = (key: string): object => ({ presence: { key, enabled: true } });
const metaOf = (fields: object): object => ({ ...fields, phx_ref: expect.any(String) });

const call = (client: WireClient, topic: string, event: string, payload?: unknown): Promise<Reply> =>
  client.reply(client.send(topic, 'presence', { type: 'presence', event, payload }));
const track = (client: WireClient, topic: string, payload: unknown): Promise<Reply> =>
  call(client, topic, 'track', payload);

const diffs = (client: WireClient): unknown[] => client.events('presence_diff').map(({ payload }) => payload);

describe.each(['1.0.0', '2.0.0'])('a %s member', (version) => {
  const topic = `realtime:members:${version}`;

  it('is told who is present after joining, and then of every change', async () => {
    const first = await fixture.connect({ version });
    await first.join(topic, enabled('anna'));
    expect((await first.waitForEvent('presence_state')).payload).toEqual({});
    expect(await call(first, topic, 'TRACK', { name: 'Anna' })).toEqual({ status: 'ok', response: {} });

    const second = await fixture.connect({ version });
    await second.join(topic, enabled('ben'));
    expect((await second.waitForEvent('presence_state')).payload).toEqual({
      anna: { metas: [metaOf({ name: 'Anna' })] },
    });
    await track(second, topic, { name: 'Ben' });
    await first.settle();
    expect(diffs(first)).toEqual([
      { joins: { anna: { metas: [metaOf({ name: 'Anna' })] } }, leaves: {} },
      { joins: { ben: { metas: [metaOf({ name: 'Ben' })] } }, leaves: {} },
    ]);
    expect(first.events('presence_diff')[0]).toMatchObject({ joinRef: null, ref: null, topic });
  });
});

it('hears of its own presence before the reply to it', async () => {
  const client = await fixture.connect();
  await client.join('realtime:order', enabled('anna'));
  client.clear();
  await track(client, 'realtime:order', {});
  expect(client.received.map(({ event }) => event)).toContain('presence_diff');
  expect(client.received.at(-1)?.event).toBe('phx_reply');
});

it('updates with one diff that leads from the old meta to the new, and ignores the same payload', async () => {
  const client = await fixture.connect();
  await client.join('realtime:update', enabled('anna'));
  await track(client, 'realtime:update', { thread: 1 });
  await track(client, 'realtime:update', { thread: 2 });
  await track(client, 'realtime:update', { thread: 2 });
  const [joined, updated, ...rest] = diffs(client) as { joins: { anna: { metas: [{ phx_ref: string }] } } }[];
  const previous = joined?.joins.anna.metas[0].phx_ref;
  expect(updated).toEqual({
    joins: { anna: { metas: [metaOf({ thread: 2, phx_ref_prev: previous })] } },
    leaves: { anna: { metas: [{ thread: 1, phx_ref: previous }] } },
  });
  expect(rest).toEqual([]);
});

it('keeps one meta per socket under a shared key, and takes each away with its socket', async () => {
  const [watcher, one, two] = [await fixture.connect(), await fixture.connect(), await fixture.connect()];
  for (const client of [watcher, one, two]) await client.join('realtime:shared', enabled('anna'));
  await track(one, 'realtime:shared', { tab: 1 });
  await track(two, 'realtime:shared', { tab: 2 });
  const late = await fixture.connect();
  await late.join('realtime:shared', enabled('late'));
  expect((await late.waitForEvent('presence_state')).payload).toEqual({
    anna: { metas: [metaOf({ tab: 1 }), metaOf({ tab: 2 })] },
  });

  watcher.clear();
  one.close();
  const left = { joins: {}, leaves: { anna: { metas: [metaOf({ tab: 1 })] } } };
  expect((await watcher.waitForEvent('presence_diff')).payload).toEqual(left);
  watcher.clear();
  await two.reply(two.send('realtime:shared', 'phx_leave', {}, { joinRef: null }));
  expect((await watcher.waitForEvent('presence_diff')).payload).toMatchObject({
    leaves: { anna: { metas: [{ tab: 2 }] } },
  });
});

it('untracks with a diff, and without one when nothing was tracked', async () => {
  const client = await fixture.connect();
  await client.join('realtime:untrack', enabled('anna'));
  expect(await call(client, 'realtime:untrack', 'untrack')).toEqual({ status: 'ok', response: {} });
  await track(client, 'realtime:untrack', {});
  await call(client, 'realtime:untrack', 'Untrack');
  expect(diffs(client)).toEqual([
    { joins: { anna: { metas: [metaOf({})] } }, leaves: {} },
    { joins: {}, leaves: { anna: { metas: [metaOf({})] } } },
  ]);
});

it('gives a member without a key one of its own', async () => {
  const client = await fixture.connect();
  await client.join('realtime:keyless', enabled(''));
  await track(client, 'realtime:keyless', {});
  const [diff] = diffs(client) as { joins: object }[];
  expect(Object.keys(diff?.joins ?? {})).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  ]);
});

it('turns presence on for a member that tracks, and only then sends the state', async () => {
  const present = await fixture.connect();
  await present.join('realtime:later', enabled('anna'));
  await track(present, 'realtime:later', { name: 'Anna' });
  const client = await fixture.connect();
  await client.join('realtime:later', { presence: { key: 'ben', enabled: 'false' } });
  await client.settle();
  expect(client.events('presence_state')).toEqual([]);
  await track(client, 'realtime:later', { name: 'Ben' });
  expect(client.events('presence_state')[0]?.payload).toEqual({
    anna: { metas: [metaOf({ name: 'Anna' })] },
  });
});

it.each([['text'], [[]], [null]])('refuses to track %j, which is not a map', async (payload) => {
  const client = await fixture.connect();
  await client.join('realtime:map', enabled('anna'));
  expect(await track(client, 'realtime:map', payload)).toEqual({
    status: 'error',
    response: { reason: 'Presence track payload must be a map' },
  });
  expect(diffs(client)).toEqual([]);
});

it('answers an unknown presence event with an error', async () => {
  const client = await fixture.connect();
  await client.join('realtime:wave', enabled('anna'));
  expect(await call(client, 'realtime:wave', 'wave')).toEqual({ status: 'error', response: {} });
});

it('closes the channel at the sixth call within thirty seconds, whatever the calls', async () => {
  const client = await fixture.connect();
  const { ref: joinRef } = await client.join('realtime:calls', enabled('anna'));
  await client.join('realtime:other', enabled('anna'));
  for (let round = 0; round < 2; round += 1) {
    await track(client, 'realtime:calls', { round: 1 });
    await call(client, 'realtime:calls', 'untrack');
  }
  expect(await track(client, 'realtime:calls', { round: 5 })).toEqual({ status: 'ok', response: {} });
  const ref = client.send('realtime:calls', 'presence', { event: 'untrack' });
  expect((await client.waitForEvent('system')).payload).toEqual({
    extension: 'system',
    status: 'error',
    message: 'Client presence rate limit exceeded',
    channel: 'calls',
  });
  expect(await client.waitForEvent('phx_close')).toMatchObject({ topic: 'realtime:calls', ref: joinRef });
  expect(client.received.filter((message) => message.event === 'phx_reply' && message.ref === ref)).toEqual(
    [],
  );
  // The count belongs to one channel.
  expect(await track(client, 'realtime:other', {})).toEqual({ status: 'ok', response: {} });
});

it('closes the channel when a tracked payload is too large, or presence of the project too busy', async () => {
  const server = await fixture.serve({ limits: { payloadKilobytes: 1, presenceMessagesPerSecond: 0.05 } });
  const client = await fixture.connect({ server });
  await client.join('realtime:large', enabled('anna'));
  client.send('realtime:large', 'presence', { event: 'track', payload: { text: 'x'.repeat(2000) } });
  expect((await client.waitForEvent('system')).payload).toMatchObject({
    message: 'Track message size exceeded',
  });
  client.clear();
  await client.join('realtime:busy', enabled('anna'));
  await track(client, 'realtime:busy', { a: 1 });
  client.send('realtime:busy', 'presence', { event: 'track', payload: { a: 2 } });
  expect((await client.waitForEvent('system')).payload).toMatchObject({
    message: 'Too many presence messages per second',
  });
});

describe('on a private topic', () => {
  const join = async (topic: string, may: string[], isEnabled = true): Promise<WireClient> => {
    const client = await fixture.connect({ key: await token({ may }) });
    const { reply } = await client.join(topic, {
      private: true,
      presence: { key: may.join(), enabled: isEnabled },
    });
    expect(reply.status).toBe('ok');
    return client;
  };

  it('withholds state and changes from a member that may not read presence', async () => {
    const topic = 'realtime:room:withheld';
    const blind = await join(topic, ['read:broadcast', 'write:presence']);
    const member = await join(topic, everything);
    await track(member, topic, { name: 'Anna' });
    expect(diffs(member)).toHaveLength(1);
    await blind.settle();
    expect([...blind.events('presence_state'), ...blind.events('presence_diff')]).toEqual([]);
  });

  it('still withholds them when presence was only turned on by tracking', async () => {
    const topic = 'realtime:room:turned-on';
    const blind = await join(topic, ['read:broadcast', 'write:presence'], false);
    const member = await join(topic, everything, false);
    expect(await track(blind, topic, { name: 'Ben' })).toMatchObject({ status: 'ok' });
    expect(await track(member, topic, { name: 'Anna' })).toMatchObject({ status: 'ok' });
    expect(member.events('presence_state')).toHaveLength(1);
    await blind.settle();
    expect([...blind.events('presence_state'), ...blind.events('presence_diff')]).toEqual([]);
  });

  it('answers a member that may not write presence with an empty error', async () => {
    const topic = 'realtime:room:reader';
    const reader = await join(topic, ['read:broadcast', 'read:presence']);
    expect(await track(reader, topic, { name: 'Anna' })).toEqual({ status: 'error', response: {} });
    expect(diffs(reader)).toEqual([]);
  });
});
