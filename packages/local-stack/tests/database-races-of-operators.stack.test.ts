import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openArena, value, type Arena, type Session } from './database-races/sessions.ts';

// Settings that change while everybody works; see database-races.stack.test.ts. One session only holds a lock that two
// others come to, so that the one that came first goes on first: `inTurn`.
let arena: Arena;
let a: Session;
let b: Session;
let c: Session;
let d: Session;

beforeAll(async () => {
  arena = await openArena('database_races_of_operators');
  [a, b, c, d] = [await arena.session(), await arena.session(), await arena.session(), await arena.session()];
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

const seen = (query: string) => value({ sql: arena.onlooker }, query);

/** While `lock` is held the statements are begun one after the other, each as far as it comes; then all may end. */
async function inTurn(lock: string, ...statements: readonly [Session, string][]): Promise<unknown[]> {
  await d.sql.unsafe('begin');
  await d.sql.unsafe(lock);
  const ends: Promise<unknown>[] = [];
  for (const [session, statement] of statements) {
    const end = value(session, statement);
    ends.push(end);
    await Promise.race([arena.untilBlocked(session), end]);
  }
  await d.sql.unsafe('commit');
  return Promise.all(ends);
}

type Job = Record<string, unknown>;
const enqueue = (...jobs: readonly Job[]) =>
  `select array_agg(coalesce(r ->> 'code', r ->> 'outcome') order by (r ->> 'index')::int)
   from tests.enqueue(variadic array(select j from jsonb_array_elements('${JSON.stringify(jobs)}') j)) r`;
const atCarrier = (job: Job) => `select tests.at_carrier('${JSON.stringify(job)}')`;
const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const to = (last: number) => `+141555501${String(last).padStart(2, '0')}`;
const idOf = (body: string) => `(select id from public.message_jobs where body = '${body}')`;
const attemptOf = (body: string) =>
  `(select a.id from public.send_attempts a where a.job_id = ${idOf(body)})`;
const statusOf = (body: string) => `select status from public.message_jobs where body = '${body}'`;
const cancel = (...bodies: string[]) =>
  `select jsonb_array_length(public.cancel_jobs(tests.id('acme'), array[${bodies.map(idOf).join()}]))`;
const claim = (limit = 10) =>
  `select coalesce(array_agg(c ->> 'body' order by c ->> 'body'), '{}') from tests.claim(${limit}) c`;
const stop = (from: string, key = 'IN1') =>
  `select tests.inbound('${JSON.stringify({ from, event_key: key, provider_message_id: key, intent: 'stop' })}') ->> 'outcome'`;
const outcomes = (given: Record<string, Job>) =>
  `select worker.complete('w1', jsonb_build_array(${Object.entries(given)
    .map(
      ([body, outcome]) =>
        `jsonb_build_object('attempt_id', ${attemptOf(body)}) || '${JSON.stringify(outcome)}'`,
    )
    .join()}))`;
const kept = { outcome: 'accepted', provider_message_id: 'SM2', provider_status: 'scheduled' };
const wishOf = (body: string) =>
  `select from public.carrier_recalls where job_id = ${idOf(body)} and state = 'wanted' for no key update`;
const switchOff = `update public.phone_numbers set status = 'paused' where id = tests.id('acme number') returning status`;

describe('a do-not-contact entry written by hand', () => {
  const write = `insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source)
    values (tests.id('acme'), '+13125550142', true, 'import')
    on conflict (organization_id, phone_number) do update set sms_blocked = true, source = 'import' returning source`;

  test('keeps a claim from handing out what it forbids', async () => {
    await value(a, `select tests.send('Hi')`);
    await a.sql.unsafe('begin');
    await value(a, write);
    expect(await value(b, claim())).toEqual([]);
    await a.sql.unsafe('commit');
    expect(await value(b, claim())).toEqual([]);
    expect(await seen(statusOf('Hi'))).toBe('blocked');
  });

  test('and a STOP of the same person end without a deadlock', async () => {
    await value(a, write);
    const thread = `select from public.threads where id = tests.id('acme thread') for no key update`;
    expect(await inTurn(thread, [a, stop('+13125550142')], [b, write])).toEqual(['processed', 'import']);
  });
});

test('an account that works again and a call that cancels several end without a deadlock', async () => {
  for (const [index, body] of ['One', 'Two', 'Three'].entries())
    await value(a, enqueue({ body, to: to(index) }));
  await a.sql.unsafe('begin');
  // As the call does first; then it takes them off their queue one by one.
  await a.sql.unsafe(
    `select private.lock_threads(array(select thread_id from public.message_jobs where status = 'queued'))`,
  );
  await value(a, cancel('Two'));
  const resuming = value(b, `select worker.report_account(tests.id('acme account'), '{"kind": "resumed"}')`);
  await arena.untilBlocked(b);
  expect(await value(a, cancel('One', 'Three'))).toBe(2);
  await a.sql.unsafe('commit');
  await resuming;
});

describe('a number that is switched off', () => {
  beforeEach(async () => {
    await value(a, atCarrier({ body: 'Kept', to: to(1) }));
    await value(a, cancel('Kept'));
  });

  test('and a report on what its carrier keeps end without a deadlock', async () => {
    const report = `select tests.report(jsonb_build_object('attempt_id', ${attemptOf('Kept')}, 'provider_message_id', 'SM1',
      'status', 'sent', 'provider_status', 'scheduled')) ->> 'outcome'`;
    expect(await inTurn(wishOf('Kept'), [a, report], [b, switchOff])).toEqual(['processed', 'paused']);
    expect(await seen(`select reason from public.carrier_recalls where state = 'wanted'`)).toBe(
      'number_inactive',
    );
  });

  test('and answers of which one is an opt-out end without a deadlock', async () => {
    await value(
      a,
      enqueue(
        { body: 'Refused', to: to(1) },
        { body: 'Later', to: to(2), scheduled_for: inAnHour, carrier_scheduling: true },
      ),
    );
    expect(await value(a, claim())).toEqual(['Later', 'Refused']);
    const answers = outcomes({ Refused: { outcome: 'not_sent', error_class: 'opted_out' }, Later: kept });
    expect(await inTurn(wishOf('Kept'), [a, answers], [b, switchOff])).toEqual([2, 'paused']);
    expect(
      await seen(
        `select array_agg(reason order by reason) from public.carrier_recalls where state = 'wanted'`,
      ),
    ).toEqual(['number_inactive', 'opted_out']);
  });

  test('answers that let others onto the queue, and a STOP of one of those end without a deadlock', async () => {
    const [busy, later] = [
      { body: 'Busy', to: to(2) },
      { body: 'Later', to: to(3), scheduled_for: inAnHour, carrier_scheduling: true },
    ];
    await value(a, enqueue(busy, later));
    expect(await value(a, claim())).toEqual(['Busy', 'Later']);
    await value(a, `select tests.limit_acme(1)`);
    await value(a, enqueue({ body: 'Five', to: to(5) }, { body: 'Six', to: to(6) }));
    await value(a, enqueue({ body: 'Next', to: to(1) }));
    expect(await seen(`select queue_message_id is null from public.message_jobs where body = 'Next'`)).toBe(
      true,
    );
    const answers = outcomes({ Busy: { outcome: 'later', retry_after_seconds: 60 }, Later: kept });
    const chain = `select pg_advisory_xact_lock(hashtextextended('dnc_events:' || tests.id('acme'), 0))`;
    // The STOP has its wishes, the number waits for those, and the answers for the number.
    expect(await inTurn(chain, [a, stop(to(1))], [b, switchOff], [c, answers])).toEqual([
      'processed',
      'paused',
      2,
    ]);
    expect(await seen(statusOf('Next'))).toBe('cancelled');
  });
});

test('a sweep that renews alerts and an admin who acknowledges them end without a deadlock', async () => {
  const sweep = `select (worker.sweep() ->> 'skipped')::boolean`;
  const alert = (kind: string) => `select from public.alerts where kind = '${kind}' for no key update`;
  await value(a, enqueue({ body: 'Dead', max_retries: 0 }));
  await value(a, claim());
  await value(a, outcomes({ Dead: { outcome: 'not_sent', error_class: 'retryable' } }));
  await value(a, sweep);
  await value(a, `select worker.report_account(tests.id('acme account'), '{"kind": "paused"}')`);
  await value(a, enqueue({ body: 'Late' }));
  await value(a, `update public.message_jobs set due_at = now() - interval '10 minutes' where body = 'Late'`);
  await value(a, sweep);
  const acknowledge = `select tests.value_as('admin', format('select public.acknowledge_alerts(%L, %L)', tests.id('acme'),
    array(select id from public.alerts where closed_at is null)))`;
  const [count] = await inTurn(alert('account_paused'), [a, acknowledge], [b, sweep]);
  expect(count).toBe('3');
});
