import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOldMessages } from './retention.ts';
import { schema } from './testing/database.ts';
import { claimPolicies, everything, keys, startFixture, token } from './testing/fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { WireClient } from './testing/wire.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
  await fixture.database.sql.unsafe(claimPolicies);
});
afterAll(() => fixture.stop());

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A client of the private topic `name` that may read everything. */
async function listen(name: string, more: object = {}, version = '2.0.0'): Promise<WireClient> {
  const client = await fixture.connect({ key: keys.secretKey, version });
  expect((await client.join(`realtime:${name}`, { private: true, ...more })).reply.status).toBe('ok');
  return client;
}

/** Everything committed before this has been delivered once it resolves. */
async function caughtUp(client: WireClient, name: string): Promise<void> {
  await fixture.database.sql`select realtime.send('{}'::jsonb, 'marker', ${name}, true)`;
  await client.waitFor(({ payload }) => eventOf(payload) === 'marker');
}

function eventOf(payload: unknown): string {
  return (payload as { event: string }).event;
}

function eventsOf(client: WireClient): string[] {
  return client
    .events('broadcast')
    .map(({ payload }) => eventOf(payload))
    .filter((event) => event !== 'marker');
}

describe('a broadcast from the database', () => {
  it.each(['1.0.0', '2.0.0'])('reaches subscribers of version %s with the id of its row', async (version) => {
    const client = await listen(`db:${version}`, {}, version);
    await fixture.database
      .sql`select realtime.send('{"n":1.50}'::jsonb, 'created', ${`db:${version}`}, true)`;
    const { payload } = await client.waitForEvent('broadcast');
    const [row] = await fixture.database
      .sql`select id from realtime.messages where topic = ${`db:${version}`}`;
    expect(payload).toEqual({
      type: 'broadcast',
      event: 'created',
      payload: { n: 1.5, id: row?.id },
      meta: { id: row?.id },
    });
  });

  it('is delivered when its transaction commits, and never when it rolls back', async () => {
    const { sql } = fixture.database;
    const client = await listen('commit');
    await sql
      .begin(async (transaction) => {
        await transaction`select realtime.send('{}'::jsonb, 'rolled back', 'commit', true)`;
        throw new Error('changed my mind');
      })
      .catch(() => undefined);
    await sql.begin(async (transaction) => {
      await transaction`select realtime.send('{}'::jsonb, 'first', 'commit', true)`;
      await transaction`select realtime.send('{}'::jsonb, 'second', 'commit', true)`;
      await caughtUp(client, 'commit');
      expect(eventsOf(client)).toEqual([]);
    });
    await client.waitFor(({ payload }) => eventOf(payload) === 'second');
    expect(eventsOf(client)).toEqual(['first', 'second']);
  });

  it('goes to the public topic when it is not private', async () => {
    const [inside, outside] = [await listen('both'), await fixture.connect()];
    await outside.join('realtime:both');
    await fixture.database.sql`select realtime.send('{}'::jsonb, 'public', 'both', false)`;
    await fixture.database.sql`select realtime.send('{}'::jsonb, 'private', 'both', true)`;
    await inside.waitForEvent('broadcast');
    expect([eventsOf(inside), eventsOf(outside)]).toEqual([['private'], ['public']]);
  });

  it('carries raw bytes to version 2.0.0 only', async () => {
    const [modern, old] = [await listen('bytes'), await listen('bytes', {}, '1.0.0')];
    const bytes = Buffer.from([0xde, 0xad, 0, 0xff]);
    await fixture.database.sql`select realtime.send_binary(${bytes}, 'file', 'bytes', true)`;
    const received = await modern.waitForBinary();
    expect(received).toMatchObject({ topic: 'realtime:bytes', event: 'file', encoding: 0, body: bytes });
    expect(JSON.parse(received.metadata)).toEqual({ id: expect.stringMatching(uuid) });
    await caughtUp(old, 'bytes');
    expect(eventsOf(old)).toEqual([]);
  });

  it('is not delivered when its row says to skip it, or lacks an event or a payload', async () => {
    const { sql } = fixture.database;
    const client = await listen('skip');
    const row = { topic: 'skip', extension: 'broadcast', private: true };
    await sql`insert into realtime.messages ${sql({ ...row, event: 'skipped', payload: sql.json({}), skip_broadcast: true })}`;
    await sql`insert into realtime.messages ${sql({ ...row, payload: sql.json({}) })}`;
    await sql`insert into realtime.messages ${sql({ ...row, event: 'empty' })}`;
    await caughtUp(client, 'skip');
    expect(eventsOf(client)).toEqual([]);
  });

  it('is dropped when it is too large', async () => {
    const server = await fixture.serve({ limits: { payloadKilobytes: 1 } });
    await server.whenReplicating(5000);
    const client = await fixture.connect({ server, key: keys.secretKey });
    await client.join('realtime:large', { private: true });
    await fixture.database
      .sql`select realtime.send(jsonb_build_object('t', repeat('x', 2000)), 'large', 'large', true)`;
    await caughtUp(client, 'large');
    expect(eventsOf(client)).toEqual([]);
  });
});

describe('the realtime functions', () => {
  it('add an id to a payload without one and keep one that is there', async () => {
    const { sql } = fixture.database;
    await sql`select realtime.send(payload => '{"id":"mine"}'::jsonb, event => 'e', topic => 'ids')`;
    await sql`select realtime.send('{}'::jsonb, 'e', 'ids')`;
    const rows =
      await sql`select id, payload, private, extension from realtime.messages where topic = 'ids' order by ctid`;
    expect(rows[0]).toMatchObject({ payload: { id: 'mine' }, private: true, extension: 'broadcast' });
    expect(rows[1]?.payload).toEqual({ id: rows[1]?.id });
  });

  it('warn, and do not raise, when a caller may not send', async () => {
    const { sql } = fixture.database;
    const sent = await sql.begin(async (transaction) => {
      await transaction`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{}', true)`;
      await transaction`select realtime.send('{}'::jsonb, 'e', 'room:denied', true)`;
      await transaction`select realtime.send('[]'::jsonb, 'e', 'room:denied', true)`;
      return transaction`select 'still alive' as answer`;
    });
    expect(sent[0]).toEqual({ answer: 'still alive' });
    expect(await sql`select 1 from realtime.messages where topic = 'room:denied'`).toHaveLength(0);
  });

  it('let a caller send where the insert policy allows it', async () => {
    const { sql } = fixture.database;
    const claims = JSON.stringify({ may: ['write:broadcast'] });
    await sql.begin(async (transaction) => {
      await transaction`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
      await transaction`select realtime.send('{}'::jsonb, 'e', 'room:allowed', true)`;
    });
    expect(await sql`select 1 from realtime.messages where topic = 'room:allowed'`).toHaveLength(1);
  });

  it('announce row changes with the old and the new record', async () => {
    const { sql } = fixture.database;
    await sql.unsafe(`create table public.things (id int primary key, name text);
      create function public.announce() returns trigger language plpgsql as $$ begin
        perform realtime.broadcast_changes('things', tg_op, tg_op, tg_table_name, tg_table_schema, new, old, tg_level);
        return null; end $$;
      create trigger announce after insert or update or delete on public.things
        for each row execute function public.announce();`);
    const client = await listen('things');
    await sql`insert into public.things values (1, 'a')`;
    await sql`update public.things set name = 'b'`;
    await sql`delete from public.things`;
    await client.waitFor(({ payload }) => eventOf(payload) === 'DELETE');
    const [a, b] = [
      { id: 1, name: 'a' },
      { id: 1, name: 'b' },
    ];
    const common = { table: 'things', schema: 'public', id: expect.stringMatching(uuid) };
    expect(
      client.events('broadcast').map(({ payload }) => (payload as { payload: unknown }).payload),
    ).toEqual([
      { ...common, operation: 'INSERT', record: a, old_record: null },
      { ...common, operation: 'UPDATE', record: b, old_record: a },
      { ...common, operation: 'DELETE', record: null, old_record: b },
    ]);
  });

  it('raise when row changes are announced for a statement or an unknown operation', async () => {
    const { sql } = fixture.database;
    const announce = (operation: string, level: string): Promise<unknown> =>
      sql`select realtime.broadcast_changes('t', 'e', ${operation}, 't', 's', null::realtime.messages,
        null::realtime.messages, ${level})`.execute();
    await expect(announce('INSERT', 'STATEMENT')).rejects.toThrow(/each row/);
    await expect(announce('TRUNCATE', 'ROW')).rejects.toThrow(/Unexpected operation type: TRUNCATE/);
  });

  it('come with a schema that can be installed again without losing a message', async () => {
    const { sql } = fixture.database;
    const count = async (): Promise<unknown> => (await sql`select count(*) from realtime.messages`)[0]?.count;
    const before = await count();
    await sql.unsafe(await schema());
    expect(await count()).toBe(before);
    expect((await sql`select realtime.topic() as topic`)[0]).toEqual({ topic: null });
  });
});

describe('a replay', () => {
  const replay = (since: number, limit?: number): object => ({ broadcast: { replay: { since, limit } } });
  /** Sends m1 to m<count> and waits until they are no longer news. */
  const fill = async (name: string, count: number): Promise<void> => {
    const earlier = await listen(name);
    await fixture.database.sql`select realtime.send('{}'::jsonb, 'm' || n, ${name}, true)
      from generate_series(1, ${count}) n`;
    await earlier.waitFor(({ payload }) => eventOf(payload) === `m${count}`);
  };

  it('sends the latest messages again, oldest first, and says that they are replayed', async () => {
    await fill('replay', 4);
    const client = await listen('replay', replay(0, 3));
    await client.settle();
    expect(eventsOf(client)).toEqual(['m2', 'm3', 'm4']);
    expect(client.events('broadcast')[0]?.payload).toMatchObject({
      type: 'broadcast',
      meta: { id: expect.stringMatching(uuid), replayed: true },
    });
  });

  it('is cut at twenty-five messages', async () => {
    await fill('many', 30);
    const client = await listen('many', replay(0, 500));
    await client.settle();
    expect(eventsOf(client)).toEqual(Array.from({ length: 25 }, (_, index) => `m${index + 6}`));
  });

  it('leaves out what is older than asked for, what is public and what belongs elsewhere', async () => {
    const { sql } = fixture.database;
    await sql`select realtime.send('{}'::jsonb, 'old', 'since', true)`;
    await sql`update realtime.messages set inserted_at = inserted_at - interval '1 hour' where topic = 'since'`;
    await sql`select realtime.send('{}'::jsonb, 'public', 'since', false)`;
    await sql`select realtime.send('{}'::jsonb, 'elsewhere', 'since:else', true)`;
    await sql`select realtime.send('{}'::jsonb, 'new', 'since', true)`;
    const client = await listen('since', replay(Date.now() - 60_000));
    await client.settle();
    expect(eventsOf(client)).toEqual(['new']);
  });

  it('does not deliver a message twice that arrives while it is read', async () => {
    const client = await fixture.connect({ key: keys.secretKey });
    const joining = client.join('realtime:race', { private: true, ...replay(0) });
    const { sql } = fixture.database;
    for (let sent = 0; sent < 10; sent += 1) await sql`select realtime.send('{}'::jsonb, 'm', 'race', true)`;
    await joining;
    await caughtUp(client, 'race');
    const ids = client
      .events('broadcast')
      .map(({ payload }) => (payload as { meta: { id: string } }).meta.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(eventsOf(client)).toHaveLength(10);
  });

  it('carries raw bytes to version 2.0.0 only', async () => {
    await fixture.database.sql`select realtime.send_binary('\\x00ff'::bytea, 'file', 'replay:bytes', true)`;
    const modern = await listen('replay:bytes', replay(0));
    const received = await modern.waitForBinary();
    expect(received.body).toEqual(Buffer.from([0, 255]));
    expect(JSON.parse(received.metadata)).toMatchObject({ replayed: true });
    const old = await listen('replay:bytes', replay(0), '1.0.0');
    await old.settle();
    expect(old.events('broadcast')).toEqual([]);
  });

  it.each([
    ['a public channel', {}, 'Replay is not allowed for public channels'],
    ['parameters of the wrong kind', { private: true }, 'Replay params are not valid'],
  ])('is refused for %s', async (_name, config, reason) => {
    const client = await fixture.connect({ key: keys.secretKey });
    const { reply } = await client.join('realtime:a', {
      ...config,
      broadcast: { replay: { since: 'monday' } },
    });
    expect(reply).toEqual({ status: 'error', response: { reason: `UnableToReplayMessages: ${reason}` } });
  });

  it('is refused to a member that may not read broadcasts', async () => {
    const client = await fixture.connect({ key: await token({ may: ['read:presence'] }) });
    const config = { private: true, presence: { enabled: true }, ...replay(0) };
    const { reply } = await client.join('realtime:room:1', config);
    expect(reply.response.reason).toBe(
      'Unauthorized: You do not have permissions to read from this Channel topic: room:1',
    );
  });
});

it('says that replication is ready to those who asked', async () => {
  const client = await listen('ready', { broadcast: { replication_ready: true } });
  expect((await client.waitForEvent('system')).payload).toEqual({
    extension: 'system',
    status: 'ok',
    message: 'Replication connection established',
    channel: 'ready',
  });
});

it('deletes messages older than 72 hours and no others', async () => {
  const { sql } = fixture.database;
  for (const event of ['older', 'newer'])
    await sql`select realtime.send('{}'::jsonb, ${event}, 'aged', true)`;
  await sql`update realtime.messages set inserted_at = inserted_at - case event
    when 'older' then interval '73 hours' else interval '71 hours' end where topic = 'aged'`;
  expect(await deleteOldMessages(sql)).toBe(1);
  expect(await sql`select event from realtime.messages where topic = 'aged'`).toEqual([{ event: 'newer' }]);
});

// Last in the file: it takes the database away from under the others.
it('survives a restart of the database', async () => {
  const { database, server, connect } = fixture;
  const member = await connect({ key: await token({ may: everything }) });
  await member.join('realtime:room:restart', { private: true });
  const follower = await connect({ key: await token({ may: everything }) });
  await follower.join('realtime:room:restart', { private: true, broadcast: { replication_ready: true } });
  await follower.waitForEvent('system');
  const open = await connect();
  await open.join('realtime:open', { broadcast: { ack: true } });
  await database.stop();

  const refused = await member.join('realtime:room:other', { private: true });
  expect(refused.reply.response.reason).toBe(
    'UnableToConnectToProject: Realtime was unable to connect to the project database',
  );
  expect(await open.reply(open.send('realtime:open', 'broadcast', { event: 'e' }))).toMatchObject({
    status: 'ok',
  });
  const waiting = await fixture.serve({ replicationReadyTimeoutMs: 50 });
  const impatient = await connect({ server: waiting });
  await impatient.join('realtime:a', { broadcast: { replication_ready: true } });
  expect((await impatient.waitForEvent('system')).payload).toMatchObject({
    status: 'error',
    message: 'Replication connection was not established in time',
  });
  await impatient.waitForEvent('phx_close');

  await database.start();
  expect(await server.whenReplicating(10_000)).toBe(true);
  // What committed meanwhile was delivered to nobody: who asked to be told of readiness knows when to look.
  await expect.poll(() => follower.events('system').length).toBe(2);
  await database.sql`select realtime.send('{}'::jsonb, 'back', 'room:restart', true)`;
  expect((await member.waitForEvent('broadcast')).payload).toMatchObject({ event: 'back' });
  expect((await member.join('realtime:room:other', { private: true })).reply.status).toBe('ok');
}, 20_000);
