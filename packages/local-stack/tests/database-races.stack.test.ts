import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openArena, value, type Arena, type Session } from './database-races/sessions.ts';

// What one session alone cannot show. Every order is made by locks that are really held: `untilBlocked` waits until
// Postgres itself says that a session waits for another.
let arena: Arena;
let a: Session;
let b: Session;
let c: Session;

beforeAll(async () => {
  arena = await openArena('database_races');
  [a, b, c] = [await arena.session(), await arena.session(), await arena.session()];
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

const seen = (query: string) => value({ sql: arena.onlooker }, query);

const send = (body: string, key = 'gen_random_uuid()') => `select tests.send('${body}', ${key}) ->> 'id'`;
const claim = (worker = 'w1', limit = 10) =>
  `select coalesce(array_agg(c ->> 'body' order by c ->> 'body'), '{}') from tests.claim(${limit}, '${worker}') c`;
const stop = `select tests.inbound('{"body": "STOP", "intent": "stop"}') ->> 'outcome'`;
const statusOf = (body: string) => `select status from public.messages where body = '${body}'`;
const attemptOf = (body: string) =>
  `(select a.id from public.send_attempts a join public.messages m on m.id = a.message_id where m.body = '${body}')`;
const accept = (body: string) => `select tests.accept(${attemptOf(body)}, 'SM-${body}')`;

describe('a STOP and a claim at the same moment', () => {
  test('a claim steps aside for a STOP that is being written, and the message never leaves', async () => {
    await value(a, send('Hello'));
    await a.sql.unsafe('begin');
    await value(a, `select private.lock_recipient(tests.id('acme'), '+13125550142')`);
    // It has read the queue entry by now; were it to wait here, the STOP could not take that entry off the queue.
    expect(await value(b, claim())).toEqual([]);
    expect(await value(a, stop)).toBe('processed');
    await a.sql.unsafe('commit');
    expect(await value(b, claim())).toEqual([]);
    expect(await seen(statusOf('Hello'))).toBe('cancelled');
  });

  test('a STOP waits for a claim that is being written, and that message was on its way', async () => {
    await value(a, send('Hello'));
    await b.sql.unsafe('begin');
    expect(await value(b, claim())).toEqual(['Hello']);
    const stopping = value(a, stop);
    await arena.untilBlocked(a);
    await b.sql.unsafe('commit');
    expect(await stopping).toBe('processed');
    expect(await value(b, accept('Hello'))).toBe(1);
    expect(await seen(statusOf('Hello'))).toBe('sent');
    await expect(value(a, send('More'))).rejects.toMatchObject({ code: 'TL103' });
  });

  test('a message sent while the STOP is being written is refused once it is', async () => {
    await a.sql.unsafe('begin');
    await value(a, stop);
    const sending = value(b, send('Hello'));
    const refused = expect(sending).rejects.toMatchObject({ code: 'TL103' });
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await refused;
  });

  test('a message that was faster than the STOP is cancelled by it', async () => {
    await a.sql.unsafe('begin');
    await value(a, send('Hello'));
    const stopping = value(b, stop);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await stopping).toBe('processed');
    expect(await seen(statusOf('Hello'))).toBe('cancelled');
  });

  test('two opt-outs of one organization never name the same predecessor', async () => {
    const block = (number: string) =>
      `insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source)
       values (tests.id('acme'), '${number}', true, 'member')`;
    await a.sql.unsafe('begin');
    await value(a, block('+14155550101'));
    const second = value(b, block('+14155550102'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await second;
    expect(
      await seen(`select count(*)::int - count(distinct previous_hash)::int from public.dnc_events
        where organization_id = tests.id('acme')`),
    ).toBe(0);
  });
});

describe('a producer and a worker that falls asleep', () => {
  const fallAsleep = `select tests.value_as('worker', $$ select worker.fall_asleep('w1', 60) $$)`;

  test('the worker stays awake while a producer is between insert and commit', async () => {
    await a.sql.unsafe('begin');
    await value(a, send('Hello'));
    expect(await value(b, fallAsleep)).toBe('false');
    await a.sql.unsafe('commit');
    expect(await value(b, fallAsleep)).toBe('false');
    expect(await value(b, claim())).toEqual(['Hello']);
  });

  test('a producer that comes a moment later sees that the worker sleeps, and wakes it', async () => {
    const heard = Promise.withResolvers<string>();
    const listening = await arena.onlooker.listen('threadline_jobs', heard.resolve);
    await b.sql.unsafe('begin');
    expect(await value(b, fallAsleep)).toBe('true');
    const sending = value(a, send('Hello'));
    await arena.untilBlocked(a);
    await b.sql.unsafe('commit');
    await sending;
    expect(await heard.promise).toBe('');
    await listening.unlisten();
  });
});

describe('two workers', () => {
  test('never get the same job, and wait for each other only to take places in time', async () => {
    await value(a, `select tests.add_thread('other thread', '+14155550123')`);
    await value(a, send('One'));
    await value(a, `select tests.send('Two', p_thread => 'other thread')`);
    await a.sql.unsafe('begin');
    expect(await value(a, claim('w1', 1))).toEqual(['One']);
    const second = value(b, claim('w2'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toEqual(['Two']);
  });

  test('never hold two messages of one thread', async () => {
    await value(a, send('One'));
    await value(a, send('Two'));
    await a.sql.unsafe('begin');
    expect(await value(a, claim('w1', 1))).toEqual(['One']);
    expect(await value(b, claim('w2'))).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await value(b, claim('w2'))).toEqual([]);
    await value(a, accept('One'));
    expect(await value(b, claim('w2'))).toEqual(['Two']);
  });

  test('a job whose predecessor is being settled goes once that is done', async () => {
    await value(a, send('One'));
    expect(await value(a, claim())).toEqual(['One']);
    await value(a, send('Two'));
    await a.sql.unsafe('begin');
    await value(a, accept('One'));
    expect(await value(b, claim('w2'))).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await value(b, claim('w2'))).toEqual(['Two']);
  });

  test('a message sent while its predecessor is being settled finds the way free', async () => {
    await value(a, send('One'));
    expect(await value(a, claim())).toEqual(['One']);
    await b.sql.unsafe('begin');
    await value(b, accept('One'));
    const sending = value(a, send('Two'));
    await arena.untilBlocked(a);
    await b.sql.unsafe('commit');
    await sending;
    expect(await value(b, claim('w2'))).toEqual(['Two']);
  });

  test('a message sent a moment before its predecessor is settled is admitted by that settlement', async () => {
    await value(a, send('One'));
    expect(await value(a, claim())).toEqual(['One']);
    await b.sql.unsafe('begin');
    await value(b, send('Two'));
    const settling = value(a, accept('One'));
    await arena.untilBlocked(a);
    await b.sql.unsafe('commit');
    await settling;
    expect(await value(b, claim('w2'))).toEqual(['Two']);
  });

  test('only one sweeps', async () => {
    const sweep = `select tests.value_as('worker', 'select worker.sweep()')::jsonb ->> 'skipped'`;
    await a.sql.unsafe('begin');
    expect(await value(a, sweep)).toBe('false');
    expect(await value(b, sweep)).toBe('true');
    await a.sql.unsafe('commit');
    expect(await value(b, sweep)).toBe('false');
  });

  test('a lease that is being prolonged is not swept away', async () => {
    await value(a, send('Hello'));
    await value(a, claim());
    await value(a, 'select tests.let_leases_run_out()');
    await a.sql.unsafe('begin');
    const extend = `select worker.extend('w1', array[${attemptOf('Hello')}], 60)`;
    expect(await value(a, extend)).toBe(1);
    const sweeping = value(b, `select worker.sweep() ->> 'attempts_lost'`);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await sweeping).toBe('0');
  });

  test('a sweep and a late answer for the same attempt end without a deadlock, and the answer counts', async () => {
    await value(a, send('Hello'));
    await value(a, claim());
    await value(a, 'select tests.let_leases_run_out()');
    await a.sql.unsafe('begin');
    await a.sql.unsafe(`select from public.threads where id = tests.id('acme thread') for no key update`);
    const answering = value(b, accept('Hello'));
    await arena.untilBlocked(b);
    const sweeping = value(c, `select worker.sweep() ->> 'attempts_lost'`);
    await arena.untilBlocked(c);
    await a.sql.unsafe('commit');
    expect(await Promise.all([answering, sweeping])).toEqual([1, '0']);
    expect(await seen(statusOf('Hello'))).toBe('sent');
  });

  test('a template that is filled in while a sweep takes it away is not sent', async () => {
    await value(
      a,
      `select tests.enqueued_id('{"body": null, "template": "greeting", "variables": {"name": "Maria"}}')`,
    );
    await value(a, claim());
    await value(a, 'select tests.let_leases_run_out()');
    const freeze = `select count(*)::int from worker.freeze('w1', (
      select jsonb_agg(jsonb_build_object('attempt_id', id, 'body', 'Hi Maria')) from public.send_attempts
      where worker_id = 'w1'))`;
    await a.sql.unsafe('begin');
    await value(a, 'select worker.sweep()::text');
    const filling = value(b, freeze);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    // It has gone back to the queue: another worker sends it.
    expect(await filling).toBe(0);
    expect(
      await seen(
        `select status from public.message_jobs where template_version_id is not null and message_id is null`,
      ),
    ).toBe('queued');
  });

  test('an answer that comes twice does not undo a START between the two', async () => {
    await value(a, send('Hello'));
    await value(a, claim());
    const refuse = `select tests.complete((select id from public.send_attempts where worker_id = 'w1'),
      '{"outcome": "not_sent", "error_class": "opted_out"}')`;
    await a.sql.unsafe('begin');
    expect(await value(a, refuse)).toBe(1);
    const starting = value(b, `select tests.inbound('{"intent": "start"}') ->> 'outcome'`);
    await arena.untilBlocked(b);
    const repeated = value(c, refuse);
    await arena.untilBlocked(c);
    await a.sql.unsafe('commit');
    expect(await Promise.all([starting, repeated])).toEqual(['processed', 0]);
    expect(await seen(`select sms_blocked from public.dnc_entries where phone_number = '+13125550142'`)).toBe(
      false,
    );
  });

  test('a delivery report that is being written makes the answer of the carrier old news', async () => {
    await value(a, send('Hello'));
    await value(a, claim());
    const report = `select tests.report(jsonb_build_object(
      'attempt_id', ${attemptOf('Hello')}, 'provider_message_id', 'SM1', 'status', 'delivered')) ->> 'outcome'`;
    await a.sql.unsafe('begin');
    expect(await value(a, report)).toBe('processed');
    const answering = value(b, `select tests.accept(${attemptOf('Hello')}, 'SM1')`);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await answering).toBe(0);
    expect(await seen(statusOf('Hello'))).toBe('delivered');
  });
});
