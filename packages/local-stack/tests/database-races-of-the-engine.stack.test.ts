import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openArena, value, type Arena, type Session } from './database-races/sessions.ts';

// Programs, workers and people at the same jobs at the same moment; see database-races.stack.test.ts.
let arena: Arena;
let a: Session;
let b: Session;
let c: Session;
let d: Session;

beforeAll(async () => {
  arena = await openArena('database_races_of_the_engine');
  [a, b, c, d] = [await arena.session(), await arena.session(), await arena.session(), await arena.session()];
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

const seen = (query: string) => value({ sql: arena.onlooker }, query);

type Job = Record<string, unknown>;
const enqueue = (...jobs: readonly Job[]) =>
  `select array_agg(coalesce(r ->> 'code', r ->> 'outcome') order by (r ->> 'index')::int)
   from tests.enqueue(variadic array(select j from jsonb_array_elements('${JSON.stringify(jobs)}') j)) r`;
const idOf = (body: string) => `(select id from public.message_jobs where body = '${body}')`;
const statusOf = (body: string) => `select status from public.message_jobs where body = '${body}'`;
const claim = (limit = 10, worker = 'w1') =>
  `select coalesce(array_agg(c ->> 'body' order by c ->> 'body'), '{}') from tests.claim(${limit}, '${worker}') c`;
const acceptAll = `select count(tests.accept(a.id, 'SM-' || a.id))::int from public.send_attempts a where a.state = 'submitting'`;
const accept = (body: string) =>
  `select tests.accept(a.id, 'SM-' || a.id) from public.send_attempts a where a.state = 'submitting' and a.job_id = ${idOf(body)}`;
const cancel = (body: string) =>
  `select coalesce(r ->> 'code', r ->> 'outcome') from jsonb_array_elements(public.cancel_jobs(tests.id('acme'), array[${idOf(body)}])) r`;
const stop = `select tests.inbound('{"from": "+14155550123", "body": "STOP", "intent": "stop"}') ->> 'outcome'`;
const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const to = (last: number) => `+141555501${String(last).padStart(2, '0')}`;

describe('two calls with the same jobs', () => {
  test('one key is one job, and the second call is told so', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, enqueue({ body: 'Hi', idempotency_key: 'k' }))).toEqual(['accepted']);
    const second = value(
      b,
      enqueue({ body: 'Hi', idempotency_key: 'k' }, { body: 'Other', idempotency_key: 'l', to: to(1) }),
    );
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toEqual(['duplicate', 'accepted']);
    expect(await seen(`select count(*)::int from public.message_jobs where body = 'Hi'`)).toBe(1);
  });

  test('a call that comes to nothing leaves its keys to the other', async () => {
    await a.sql.unsafe('begin');
    await value(a, enqueue({ body: 'Hi', idempotency_key: 'k' }));
    const second = value(b, enqueue({ body: 'Hi', idempotency_key: 'k' }));
    await arena.untilBlocked(b);
    await a.sql.unsafe('rollback');
    expect(await second).toEqual(['accepted']);
  });

  test('one key with words to somebody else is refused alone', async () => {
    await a.sql.unsafe('begin');
    await value(a, enqueue({ body: 'Hi', idempotency_key: 'k' }));
    const second = value(
      b,
      enqueue(
        { body: 'Hi', to: to(1), idempotency_key: 'k' },
        { body: 'Fine', to: to(2), idempotency_key: 'l' },
      ),
    );
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toEqual(['TL105', 'accepted']);
    expect(await value(c, claim())).toEqual(['Fine', 'Hi']);
  });

  test('the same text without a key is one text', async () => {
    await a.sql.unsafe('begin');
    await value(a, enqueue({ dedupe_window_seconds: 300 }));
    const second = value(b, enqueue({ dedupe_window_seconds: 300 }));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toEqual(['TL113']);
  });

  test('overlapping in keys and people, in opposite orders, end without a deadlock', async () => {
    const jobs = Array.from({ length: 200 }, (_, n) => ({
      body: `Hi ${n}`,
      to: to(n % 50),
      idempotency_key: `k${n}`,
    }));
    const rounds = Array.from({ length: 5 }, () =>
      Promise.all([
        value(a, enqueue(...jobs)),
        value(b, enqueue(...jobs.toReversed())),
        value(c, enqueue(...jobs.slice(50, 150))),
        value(d, enqueue(...jobs.toReversed().slice(20, 120))),
      ]),
    );
    const answers = (await Promise.all(rounds)).flat(2);
    expect(new Set(answers)).toEqual(new Set(['accepted', 'duplicate']));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(200);
    expect(await seen(`select count(*)::int from public.message_jobs where idempotency_key like 'k%'`)).toBe(
      200,
    );
  });

  test('what failed is sent again once', async () => {
    await value(a, enqueue({ body: 'Hi' }));
    await value(a, claim());
    await value(
      a,
      `select tests.complete(a.id, '{"outcome": "not_sent", "error_class": "permanent"}') from public.send_attempts a where a.state = 'submitting'`,
    );
    const again = `select r ->> 'outcome' from jsonb_array_elements(public.retry_failed(tests.id('acme'), array[(
      select id from public.message_jobs where body = 'Hi' and status = 'failed')])) r`;
    await a.sql.unsafe('begin');
    expect(await value(a, again)).toBe('accepted');
    const second = value(b, again);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toBe('duplicate');
  });
});

describe('a job that is written while its predecessor ends', () => {
  beforeEach(async () => {
    await value(a, enqueue({ body: 'First' }));
    expect(await value(a, claim())).toEqual(['First']);
  });

  test('goes after it, when the end is faster', async () => {
    await a.sql.unsafe('begin');
    await value(a, accept('First'));
    const writing = value(b, enqueue({ body: 'Second' }));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await writing;
    expect(await value(c, claim())).toEqual(['Second']);
  });

  test('goes after it, when the writing is faster', async () => {
    await a.sql.unsafe('begin');
    await value(a, enqueue({ body: 'Second' }));
    const ending = value(b, accept('First'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await ending;
    expect(await value(c, claim())).toEqual(['Second']);
  });
});

describe('the window of a number', () => {
  beforeEach(() => value(a, `select tests.limit_acme(1)`));

  test('lets in a job that saw it full while it came empty', async () => {
    await value(a, enqueue(...[1, 2, 3, 4].map((n) => ({ body: `Job ${n}`, to: to(n) }))));
    await value(a, `update private.pacers set next_at = '-infinity'`);
    await value(a, `select tests.limit_acme(10000)`);
    expect(await value(a, claim())).toHaveLength(4);
    await value(a, `select tests.limit_acme(1)`);
    await a.sql.unsafe('begin');
    await value(a, enqueue({ body: 'Late', to: to(5) }));
    expect(await value(b, acceptAll)).toBe(4);
    await a.sql.unsafe('commit');
    // Neither saw the other: only whoever looks now can let it in.
    expect(await seen(`select queue_message_id is null from public.message_jobs where body = 'Late'`)).toBe(
      true,
    );
    await value(a, `update private.pacers set next_at = '-infinity'`);
    expect(await value(c, claim())).toEqual(['Late']);
  });

  test('is filled by two at a time without losing or doubling anybody', async () => {
    const jobs = (from: number) =>
      Array.from({ length: 10 }, (_, n) => ({ body: `Job ${from + n}`, to: to(from + n) }));
    await a.sql.unsafe('begin');
    await value(a, enqueue(...jobs(0)));
    await value(b, enqueue(...jobs(10)));
    await a.sql.unsafe('commit');
    const admitted = `select count(*)::int from public.message_jobs where queue_message_id is not null and status = 'queued'`;
    expect(await seen(admitted)).toBe(8);
    await value(a, `update public.phone_numbers set segments_per_second = 10000`);
    const gone: unknown[] = [];
    for (;;) {
      const bodies = await value(b, claim(4, 'w2'));
      if (!Array.isArray(bodies) || bodies.length === 0) break;
      gone.push(...(bodies as unknown[]));
      await value(b, acceptAll);
    }
    expect(gone).toHaveLength(20);
    expect(new Set(gone).size).toBe(20);
  });
});

describe('what is due', () => {
  beforeEach(async () => {
    await value(a, enqueue({ body: 'Later', scheduled_for: inAnHour }));
    await value(a, `select tests.make_due(${idOf('Later')})`);
  });

  test('does not leave while it is being cancelled, and nobody waits', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, cancel('Later'))).toBe('cancelled');
    expect(await value(b, claim())).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await value(b, claim())).toEqual([]);
    expect(await seen(statusOf('Later'))).toBe('cancelled');
  });

  test('is not cancelled any more once a worker has it', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, claim())).toEqual(['Later']);
    const cancelling = value(b, cancel('Later'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await cancelling).toBe('TL114');
  });

  test('is cancelled by a STOP that is being written, and a claim steps aside', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, stop)).toBe('processed');
    expect(await value(b, claim())).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await seen(statusOf('Later'))).toBe('cancelled');
  });

  test('is taken up by one of two claims, and neither waits', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, claim())).toEqual(['Later']);
    expect(await value(b, claim(10, 'w2'))).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await value(b, claim(10, 'w2'))).toEqual([]);
  });
});

test('a job written while a STOP is being written never leaves', async () => {
  await value(a, enqueue({ body: 'Before' }));
  expect(await value(a, claim())).toEqual(['Before']);
  await value(a, accept('Before'));
  await a.sql.unsafe('begin');
  expect(await value(a, stop)).toBe('processed');
  const writing = value(b, enqueue({ body: 'After' }));
  await arena.untilBlocked(b);
  await a.sql.unsafe('commit');
  await writing;
  expect(await value(c, claim())).toEqual([]);
  expect(await seen(statusOf('After'))).toBe('blocked');
});

test('a claim does not wait for a thread somebody holds, and gives the job back', async () => {
  await value(a, enqueue({ body: 'Hi' }));
  await a.sql.unsafe('begin');
  await a.sql.unsafe(
    `select from public.threads where id = (select thread_id from public.message_jobs where body = 'Hi') for no key update`,
  );
  expect(await value(b, claim())).toEqual([]);
  await a.sql.unsafe('commit');
  expect(await value(b, claim())).toEqual(['Hi']);
});

describe('a sweep', () => {
  const sweep = `select count(*)::int from worker.sweep()`;
  const lock = (number: string) =>
    `select from public.threads where id = (select t.id from public.threads t
     join public.contacts c on c.id = t.contact_id where c.phone_number = '${number}') for no key update`;
  let first: string;
  let last: string;

  beforeEach(async () => {
    await arena.onlooker`select tests.add_thread('one', ${to(1)}), tests.add_thread('two', ${to(2)})`;
    const threads = await arena.onlooker<{ number: string }[]>`
      select c.phone_number as number from public.threads t join public.contacts c on c.id = t.contact_id
      where t.id in (tests.id('one'), tests.id('two')) order by t.id`;
    [first = '', last = ''] = threads.map(({ number }) => number);
    await value(a, `select tests.at_carrier('${JSON.stringify({ body: 'Kept', to: last })}')`);
    await value(a, enqueue({ body: 'Lost', to: first }));
    await value(a, claim());
    await value(a, `update public.message_jobs set due_at = clock_timestamp() where status = 'at_carrier'`);
    await value(a, `select tests.let_leases_run_out()`);
  });

  test('takes its threads in the order of everybody, whatever brings it to them', async () => {
    await a.sql.unsafe('begin');
    await a.sql.unsafe(lock(first));
    const sweeping = value(b, sweep);
    await arena.untilBlocked(b);
    await a.sql.unsafe(lock(last));
    await a.sql.unsafe('commit');
    await sweeping;
    expect(await Promise.all([value(c, statusOf('Kept')), value(c, statusOf('Lost'))])).toEqual([
      'sent',
      'unknown',
    ]);
  });

  test('leaves what somebody takes back while it waits', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, cancel('Kept'))).toBe('requested');
    const sweeping = value(b, sweep);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await sweeping;
    expect(await value(c, statusOf('Kept'))).toBe('at_carrier');
  });
});

test('a person does not decide what a report is just settling', async () => {
  await value(a, enqueue({ body: 'Hi' }));
  await value(a, claim());
  await value(
    a,
    `select tests.complete(a.id, '{"outcome": "unknown"}') from public.send_attempts a where a.state = 'submitting'`,
  );
  await a.sql.unsafe('begin');
  await value(
    a,
    `select tests.report(jsonb_build_object('attempt_id', a.id, 'provider_message_id', 'SM1', 'status', 'delivered'))
     from public.send_attempts a where a.state = 'unknown'`,
  );
  const deciding = value(
    b,
    `select tests.value_as('admin', format('select public.decide_unknown(%L, ''send_again'')', ${idOf('Hi')}))`,
  );
  const refused = expect(deciding).rejects.toMatchObject({ code: 'TL115' });
  await arena.untilBlocked(b);
  await a.sql.unsafe('commit');
  await refused;
});

describe('four workers', () => {
  /** Four sessions claim and complete until `jobs` have gone out; nobody waits but for what is not due yet. */
  async function drain(jobs: number): Promise<void> {
    let gone = 0;
    const work = async (session: Session, worker: string) => {
      while (gone < jobs) {
        const attempts = await value(
          session,
          `select coalesce(array_agg(c ->> 'attempt_id'), '{}') from tests.claim(20, '${worker}') c`,
        );
        if (!Array.isArray(attempts) || attempts.length === 0) continue;
        gone += attempts.length;
        const outcomes = attempts.map((id) => ({
          attempt_id: id,
          outcome: 'accepted',
          provider_message_id: `SM-${id}`,
        }));
        await value(session, `select worker.complete('${worker}', '${JSON.stringify(outcomes)}')`);
      }
    };
    await Promise.all([work(a, 'w1'), work(b, 'w2'), work(c, 'w3'), work(d, 'w4')]);
    expect(gone).toBe(jobs);
  }

  test('send every job once, and each thread in its order', async () => {
    const jobs = Array.from({ length: 200 }, (_, n) => ({ body: `Job ${n}`, to: to(n % 40) }));
    await value(a, enqueue(...jobs));
    await drain(200);
    expect(
      await seen(`select count(*)::int from public.message_jobs where body like 'Job %' and status = 'sent'`),
    ).toBe(200);
    expect(
      await seen(`select count(*)::int from (
        select t.started_at, lag(t.started_at) over (partition by j.thread_id order by j.position) as before
        from public.send_attempts t join public.message_jobs j on j.id = t.job_id where j.body like 'Job %'
      ) o where o.started_at < o.before`),
    ).toBe(0);
  });

  test('keep sixty segments a second to the microsecond between them', async () => {
    await value(a, `select tests.limit_acme(60)`);
    const jobs = Array.from({ length: 90 }, (_, n) => ({ body: `Job ${n}`, to: to(n) }));
    await value(a, enqueue(...jobs));
    const before = `select extract(epoch from clock_timestamp())::float8`;
    const started = Number(await seen(before));
    await drain(90);
    const next = Number(
      await seen(
        `select extract(epoch from next_at)::float8 from private.pacers where subject_id = tests.id('acme number')`,
      ),
    );
    // Ninety places from the first one on: no two claims ever gave the same place, however they overlapped.
    expect(next - started).toBeGreaterThanOrEqual(90 / 60 - 0.000_1);
  });
});
