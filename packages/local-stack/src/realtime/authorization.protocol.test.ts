import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimPolicies, everything, keys, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { WireClient } from './testing/wire.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(`${claimPolicies}
    create policy broken on realtime.messages for select to authenticated
      using (case when (select realtime.topic()) = 'broken' then topic::uuid is null end);
    create policy by_settings on realtime.messages for select to authenticated using (
      (select realtime.topic()) = 'settings' and topic = 'settings' and private is not true and payload is null
      and current_setting('request.jwt.claims', true)::jsonb ->> 'sub' = 'anna'
      and current_setting('request.jwt.claim.sub', true) = 'anna'
      and current_setting('request.jwt.claim.role', true) = 'authenticated'
      and current_setting('request.headers', true)::jsonb ->> 'x-tenant' = 'blue'
      and current_user = 'authenticated');`);
});
afterAll(() => fixture.stop());

const isPrivate = { private: true };
const ok = { status: 'ok', response: { postgres_changes: [] } };
const refused = (reason: string): object => ({ status: 'error', response: { reason } });
const unauthorized = (name: string): object =>
  refused(`Unauthorized: You do not have permissions to read from this Channel topic: ${name}`);

const connectAs = async (may: string[]): Promise<WireClient> =>
  fixture.connect({ key: await token({ may }) });

it('refuses a private topic that no policy opens', async () => {
  const stranger = await fixture.connect({ key: await token({ may: everything }) });
  expect((await stranger.join('realtime:vault', isPrivate)).reply).toEqual(unauthorized('vault'));
  const anonymous = await fixture.connect();
  expect((await anonymous.join('realtime:room:1', isPrivate)).reply).toEqual(unauthorized('room:1'));
});

it('lets anyone join the public topic of the same name', async () => {
  const client = await fixture.connect();
  expect((await client.join('realtime:vault')).reply).toEqual(ok);
});

it('admits whoever may read broadcasts, or only presence where presence is on', async () => {
  const reader = await connectAs(['read:broadcast']);
  expect((await reader.join('realtime:room:1', isPrivate)).reply).toEqual(ok);
  const watcher = await connectAs(['read:presence']);
  expect((await watcher.join('realtime:room:1', isPrivate)).reply).toEqual(unauthorized('room:1'));
  const withPresence = { private: true, presence: { enabled: true } };
  expect((await watcher.join('realtime:room:1', withPresence)).reply).toEqual(ok);
});

it('lets the secret key read and write every private topic', async () => {
  const client = await fixture.connect({ key: keys.secretKey });
  const config = { private: true, broadcast: { ack: true } };
  expect((await client.join('realtime:vault', config)).reply).toEqual(ok);
  expect(await client.reply(client.send('realtime:vault', 'broadcast', { event: 'e' }))).toMatchObject({
    status: 'ok',
  });
});

it('prefers the token of the join to the key of the connection, except an opaque one', async () => {
  const client = await fixture.connect();
  const accessToken = await token({ may: ['read:broadcast'] });
  expect((await client.join('realtime:room:1', isPrivate, { access_token: accessToken })).reply).toEqual(ok);
  expect((await client.join('realtime:room:1', isPrivate, { user_token: accessToken })).reply).toEqual(ok);
  const opaque = { access_token: keys.secretKey };
  expect((await client.join('realtime:room:1', isPrivate, opaque)).reply).toEqual(unauthorized('room:1'));
});

it.each([
  ['expired', () => token({ exp: 1000 }), /^InvalidJWTToken: Token has expired \d+ seconds ago$/],
  [
    'without a role',
    () => token({ role: undefined }),
    /^InvalidJWTToken: Fields `role` and `exp` are required in JWT$/,
  ],
  [
    'with half a second',
    () => token({ exp: 1e10 + 0.5 }),
    /^InvalidJWTToken: Token expiration time is invalid$/,
  ],
  ['malformed', () => 'rubbish', /^MalformedJWT: The token provided is not a valid JWT$/],
  ['empty', () => '', /^MalformedJWT: The token provided is not a valid JWT$/],
  [
    'forged',
    () => token({}, 'another secret of thirty-two chars'),
    /^JwtSignatureError: Failed to validate JWT signature$/,
  ],
])('refuses a join whose token is %s', async (_name, accessToken, reason) => {
  const client = await fixture.connect();
  const { reply } = await client.join('realtime:a', {}, { access_token: await accessToken() });
  expect(reply).toEqual({ status: 'error', response: { reason: expect.stringMatching(reason) } });
});

it('gives policies the topic, the claims, the headers and the role, and a probe row with nothing in it', async () => {
  const anna = await token({ sub: 'anna' });
  const client = await fixture.connect({ key: anna, headers: { 'x-tenant': 'blue' } });
  expect((await client.join('realtime:settings', isPrivate)).reply).toEqual(ok);
  const elsewhere = await fixture.connect({ key: anna, headers: { 'x-tenant': 'red' } });
  expect((await elsewhere.join('realtime:settings', isPrivate)).reply).toEqual(unauthorized('settings'));
});

it('reads an error inside a policy, or a role that does not exist, as a refusal', async () => {
  const client = await connectAs(everything);
  expect((await client.join('realtime:broken', isPrivate)).reply).toEqual(unauthorized('broken'));
  const nobody = await fixture.connect({ key: await token({ role: 'no_such_role' }) });
  expect((await nobody.join('realtime:room:1', isPrivate)).reply).toEqual(unauthorized('room:1'));
});

it('leaves no trace of its probes', async () => {
  const client = await connectAs(everything);
  await client.join('realtime:room:trace', {
    private: true,
    presence: { enabled: true },
    broadcast: { ack: true },
  });
  await client.reply(client.send('realtime:room:trace', 'broadcast', { event: 'e' }));
  await client.reply(client.send('realtime:room:trace', 'presence', { event: 'track' }));
  const [row] = await fixture.database.sql`select count(*)::int as count from realtime.messages`;
  expect(row?.count).toBe(0);
});

it('answers a forbidden broadcast with silence, acknowledgement asked for or not', async () => {
  const reader = await connectAs(['read:broadcast']);
  const listener = await connectAs(everything);
  await reader.join('realtime:room:quiet', { private: true, broadcast: { ack: true, self: true } });
  await listener.join('realtime:room:quiet', isPrivate);
  const ref = reader.send('realtime:room:quiet', 'broadcast', { event: 'forged' });
  await reader.settle();
  await listener.settle();
  expect(reader.received.filter((message) => message.ref === ref)).toEqual([]);
  expect([...reader.events('broadcast'), ...listener.events('broadcast')]).toEqual([]);
});

it('delivers broadcasts only to members that may read them', async () => {
  const withPresence = { private: true, presence: { enabled: true } };
  const watcher = await connectAs(['read:presence', 'write:broadcast']);
  const reader = await connectAs(['read:broadcast']);
  const sender = await fixture.connect({ key: keys.secretKey });
  await watcher.join('realtime:room:gate', withPresence);
  await reader.join('realtime:room:gate', withPresence);
  await sender.join('realtime:room:gate', { private: true, broadcast: { ack: true } });
  await sender.reply(sender.send('realtime:room:gate', 'broadcast', { event: 'news' }));
  expect((await reader.waitForEvent('broadcast')).payload).toEqual({ event: 'news' });
  await watcher.settle();
  expect(watcher.events('broadcast')).toEqual([]);
});

it('asks whether a member may write once per token', async () => {
  const key = await token({ may: everything });
  const client = await fixture.connect({ key });
  const config = { private: true, broadcast: { ack: true } };
  await client.join('realtime:room:cached', config);
  const send = async (): Promise<unknown> =>
    client.reply(client.send('realtime:room:cached', 'broadcast', { event: 'e' }));
  expect(await send()).toMatchObject({ status: 'ok' });
  const { sql } = fixture.database;
  await sql`drop policy by_claim_write on realtime.messages`;
  expect(await send()).toMatchObject({ status: 'ok' });
  client.send('realtime:room:cached', 'access_token', {
    access_token: await token({ may: everything, fresh: 1 }),
  });
  const ref = client.send('realtime:room:cached', 'broadcast', { event: 'e' });
  await client.settle();
  expect(client.received.filter((message) => message.ref === ref)).toEqual([]);
  await sql.unsafe(claimPolicies.slice(claimPolicies.indexOf('create policy by_claim_write')));
});

it('does not mix a private topic with the public one of the same name', async () => {
  const outsider = await fixture.connect();
  const member = await connectAs(everything);
  await outsider.join('realtime:room:mixed', { broadcast: { ack: true } });
  await member.join('realtime:room:mixed', { private: true, broadcast: { ack: true } });
  await member.reply(member.send('realtime:room:mixed', 'broadcast', { event: 'secret' }));
  await outsider.reply(outsider.send('realtime:room:mixed', 'broadcast', { event: 'forged' }));
  await outsider.settle();
  await member.settle();
  expect([...outsider.events('broadcast'), ...member.events('broadcast')]).toEqual([]);
});
