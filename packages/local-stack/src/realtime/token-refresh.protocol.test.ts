import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimPolicies, everything, keys, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { WireClient } from './testing/wire.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(claimPolicies);
});
afterAll(() => fixture.stop());

const withPresence = {
  private: true,
  broadcast: { ack: true, self: true },
  presence: { key: 'k', enabled: true },
};

/** A member of the topic with these rights. */
async function member(topic: string, may: string[], config: object = withPresence): Promise<WireClient> {
  const client = await fixture.connect({ key: await token({ may }) });
  expect((await client.join(topic, config)).reply.status).toBe('ok');
  return client;
}

function refresh(client: WireClient, topic: string, accessToken: unknown): string {
  return client.send(topic, 'access_token', { access_token: accessToken });
}

async function expectShutDown(client: WireClient, name: string, message: unknown): Promise<void> {
  expect((await client.waitForEvent('system')).payload).toEqual({
    extension: 'system',
    status: 'error',
    message,
    channel: name,
  });
  const close = await client.waitForEvent('phx_close');
  expect(close.topic).toBe(`realtime:${name}`);
  const order = client.received.map(({ event }) => event);
  expect(order.indexOf('system')).toBeLessThan(order.indexOf('phx_close'));
}

/** Nothing at all came back, and the channel still works. */
async function expectUnmoved(client: WireClient, topic: string): Promise<void> {
  await client.settle();
  expect([...client.events('system'), ...client.events('phx_close')]).toEqual([]);
  const reply = await client.reply(client.send(topic, 'broadcast', { event: 'still here' }));
  expect(reply).toEqual({ status: 'ok', response: {} });
}

it('takes a new token without a word when rights stay', async () => {
  const client = await member('realtime:room:stay', everything);
  const ref = refresh(client, 'realtime:room:stay', await token({ may: everything, fresh: true }));
  await expectUnmoved(client, 'realtime:room:stay');
  expect(client.received.filter((message) => message.ref === ref)).toEqual([]);
});

it('ignores null, the same token and an opaque key', async () => {
  const same = await token({ may: everything });
  const client = await fixture.connect();
  await client.join('realtime:room:same', withPresence, { access_token: same });
  for (const ignored of [null, same, keys.publishableKey, 'sb_anything', undefined, 7]) {
    refresh(client, 'realtime:room:same', ignored);
  }
  await expectUnmoved(client, 'realtime:room:same');
});

it('closes the channel when the new token may read nothing', async () => {
  const client = await member('realtime:room:lost', everything);
  refresh(client, 'realtime:room:lost', await token({ may: [] }));
  await expectShutDown(
    client,
    'room:lost',
    'You do not have permissions to read from this Channel topic: room:lost',
  );
  expect(await client.reply(client.send('realtime:room:lost', 'broadcast', { event: 'e' }))).toMatchObject({
    response: { reason: 'unmatched topic' },
  });
});

it.each([
  ['broadcast', 'presence'],
  ['presence', 'broadcast'],
])('closes the channel when the new token may no longer read %s', async (lost, kept) => {
  const client = await member(`realtime:room:${lost}`, everything);
  refresh(client, `realtime:room:${lost}`, await token({ may: [`read:${kept}`] }));
  await expectShutDown(
    client,
    `room:${lost}`,
    `You no longer have permission to read from this Channel topic: room:${lost}`,
  );
});

it('starts delivering broadcasts to a member that gains the right to read them', async () => {
  const topic = 'realtime:room:gain';
  const client = await member(topic, ['read:presence']);
  const sender = await member(topic, everything);
  await sender.reply(sender.send(topic, 'broadcast', { event: 'before' }));
  refresh(client, topic, await token({ may: ['read:presence', 'read:broadcast'] }));
  await client.settle();
  await sender.reply(sender.send(topic, 'broadcast', { event: 'after' }));
  await client.waitForEvent('broadcast');
  expect(client.events('broadcast').map(({ payload }) => payload)).toEqual([{ event: 'after' }]);
  expect(client.events('phx_close')).toEqual([]);
});

it('sends the presence state to a member that gains the right to read it', async () => {
  const topic = 'realtime:room:see';
  const client = await member(topic, ['read:broadcast']);
  await client.settle();
  expect(client.events('presence_state')).toEqual([]);
  refresh(client, topic, await token({ may: ['read:broadcast', 'read:presence'] }));
  expect((await client.waitForEvent('presence_state')).payload).toEqual({});
});

it('loses and gains the right to write with the token', async () => {
  const topic = 'realtime:room:write';
  const client = await member(topic, everything);
  expect(await client.reply(client.send(topic, 'broadcast', { event: 'one' }))).toMatchObject({
    status: 'ok',
  });
  refresh(client, topic, await token({ may: ['read:broadcast', 'read:presence'] }));
  const denied = client.send(topic, 'broadcast', { event: 'two' });
  await client.settle();
  expect(client.received.filter((message) => message.ref === denied)).toEqual([]);
  refresh(client, topic, await token({ may: everything, again: true }));
  expect(await client.reply(client.send(topic, 'broadcast', { event: 'three' }))).toMatchObject({
    status: 'ok',
  });
  expect(client.events('broadcast').map(({ payload }) => payload)).toEqual([
    { event: 'one' },
    { event: 'three' },
  ]);
});

describe('a public channel', () => {
  it('does not ask the policies again', async () => {
    const client = await member('realtime:room:public', everything, { broadcast: { ack: true } });
    refresh(client, 'realtime:room:public', await token({ may: [] }));
    await expectUnmoved(client, 'realtime:room:public');
  });

  it.each([
    ['empty', async () => '', 'The token provided is not a valid JWT'],
    ['malformed', async () => 'rubbish', 'The token provided is not a valid JWT'],
    ['without a role', async () => token({ role: undefined }), 'Fields `role` and `exp` are required in JWT'],
    [
      'expired',
      async () => token({ exp: 1000 }),
      expect.stringMatching(/^Token has expired \d+ seconds ago$/),
    ],
    [
      'forged',
      async () => token({}, 'another secret of thirty-two chars'),
      'Failed to validate JWT signature',
    ],
  ])('closes when the new token is %s', async (_name, accessToken, message) => {
    const client = await fixture.connect();
    await client.join('realtime:any');
    refresh(client, 'realtime:any', await accessToken());
    await expectShutDown(client, 'any', message);
  });
});

it('closes each channel when its own token expires, and only that one', async () => {
  const client = await fixture.connect();
  const soon = { access_token: await token({ exp: Math.floor(Date.now() / 1000) + 1 }) };
  await client.join('realtime:short', {}, soon);
  await client.join('realtime:long', { broadcast: { ack: true } });
  await expectShutDown(client, 'short', expect.stringMatching(/^Token has expired \d+ seconds ago$/));
  expect(client.events('phx_close')).toHaveLength(1);
  expect(await client.reply(client.send('realtime:long', 'broadcast', { event: 'e' }))).toMatchObject({
    status: 'ok',
  });
});

it('lives on past the first expiry when the token was refreshed in time', async () => {
  const client = await fixture.connect();
  const [first, second] = [1, 2].map((seconds) => token({ exp: Math.floor(Date.now() / 1000) + seconds }));
  await client.join('realtime:renewed', {}, { access_token: await first });
  await client.join('realtime:clock', {}, { access_token: await first });
  refresh(client, 'realtime:renewed', await second);
  await client.waitForEvent('phx_close', 'realtime:clock');
  expect(client.events('phx_close').map(({ topic }) => topic)).toEqual(['realtime:clock']);
  await client.waitForEvent('phx_close', 'realtime:renewed');
});
