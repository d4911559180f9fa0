import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openArena, type Arena, type Session } from './database-races/sessions.ts';

// Everything at once, in no order: whatever order the sessions fall into, nobody deadlocks, nothing is sent twice or out
// of turn, and at the end every message has come to something.
let arena: Arena;
let sessions: Session[];

const sessionCount = 6;
const stepsEach = 120;
const threads = ['acme thread', 'thread 1', 'thread 2', 'thread 3'];
const recipients = ['+13125550142', '+14155550101', '+14155550102', '+14155550103'];

beforeAll(async () => {
  arena = await openArena('database_mix');
  sessions = await Promise.all(Array.from({ length: sessionCount }, () => arena.session()));
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

/** The same numbers from 0 to below 1 in every run (mulberry32, public domain). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Step {
  roll: () => number;
  session: number;
  number: number;
}

const pick = (items: readonly string[], roll: () => number) => items[Math.floor(roll() * items.length)] ?? '';
const inbound = ({ roll, session, number }: Step, intent: string) => `select tests.inbound(jsonb_build_object(
  'from', '${pick(recipients, roll)}', 'event_key', '${session}-${number}', 'provider_message_id', 'IN-${session}-${number}',
  'intent', '${intent}'))`;
const submitting = (session: number) => `select a.id from public.send_attempts a
  where a.state = 'submitting' and a.worker_id = 'w${session}'`;
const outcome = (roll: () => number) =>
  pick(
    [
      `jsonb_build_object('outcome', 'accepted', 'provider_message_id', 'SM-' || a.id)`,
      `'{"outcome": "later", "retry_after_seconds": 0}'::jsonb`,
      `'{"outcome": "unknown"}'::jsonb`,
      `'{"outcome": "not_sent", "error_class": "permanent"}'::jsonb`,
      `'{"outcome": "not_sent", "error_class": "opted_out"}'::jsonb`,
    ],
    () => roll() * roll(),
  );
const complete = ({ roll, session }: Step) => `select worker.complete('w${session}', coalesce((
  select jsonb_agg(jsonb_build_object('attempt_id', a.id) || ${outcome(roll)}) from (${submitting(session)}) a), '[]'))`;
/** Somebody does something to any one job that stands like this; `call` is what format makes of organization and job. */
const toSomeJob = (who: string, statuses: string, call: string) =>
  `select tests.value_as('${who}', format('select public.${call}', j.organization_id, j.id)) from (
    select j.organization_id, j.id from public.message_jobs j
    where j.organization_id = tests.id('acme') and j.status in (${statuses}) order by random() limit 1) j`;
/** Texts to several people in one call; some wait for their time here, some at the carrier. */
const batch = ({ roll, session, number }: Step) => {
  const jobs = Array.from({ length: 2 + Math.floor(roll() * 3) }, (_, place) => ({
    to: pick(recipients, roll),
    body: `${session}-${number}-${place}`,
    ...(roll() < 0.5 && { scheduled_for: new Date(Date.now() + 7_200_000).toISOString() }),
    carrier_scheduling: roll() < 0.7,
  }));
  return `select count(*) from tests.enqueue(variadic array(select j from jsonb_array_elements('${JSON.stringify(jobs)}') j))`;
};
/** As time does: for all that waits for it and that nobody is just writing. */
const timePasses = `update public.message_jobs set due_at = clock_timestamp() where id in (
  select j.id from public.message_jobs j where j.status in ('scheduled', 'at_carrier') order by random() limit 3
  for no key update skip locked)`;
const recalled = (result: string) =>
  `select worker.resolve_recall(r.id, '${result}') from (
    select r.id from public.carrier_recalls r where r.state = 'wanted' order by random() limit 1) r`;
const lookedUp = (result: string) =>
  `select worker.resolve_unknown(a.id, '${result}'::jsonb || jsonb_build_object('provider_message_id', 'SM-' || a.id)) from (
    select a.id from public.send_attempts a where a.state = 'unknown' order by random() limit 1) a`;

const steps: readonly ((step: Step) => string)[] = [
  ({ roll, session, number }) =>
    `select tests.send('${session}-${number}', p_thread => '${pick(threads, roll)}')`,
  ({ roll, session, number }) =>
    `select tests.send('${session}-${number}', p_thread => '${pick(threads, roll)}')`,
  ({ session, roll }) =>
    `select count(*) from worker.claim('w${session}', ${1 + Math.floor(roll() * 6)}, 30)`,
  ({ session }) => `select count(*) from worker.claim('w${session}', 10, 30)`,
  complete,
  complete,
  batch,
  batch,
  () => timePasses,
  () =>
    toSomeJob(
      'secret key',
      `'scheduled', 'queued', 'held', 'at_carrier'`,
      'cancel_jobs(%L, array[%L::uuid])',
    ),
  () =>
    toSomeJob(
      'secret key',
      `'scheduled', 'at_carrier'`,
      "reschedule_job(%L, %L, clock_timestamp() + interval ''3 hours'')",
    ),
  ({ roll }) =>
    recalled(
      pick(['{"kind": "cancelled"}', '{"kind": "too_late", "status": "sent"}', '{"kind": "failed"}'], roll),
    ),
  () => `select worker.claim_recalls('w1', 10, 0), worker.claim_unknown('w1', 10, 0)`,
  ({ roll }) =>
    lookedUp(
      pick(['{"kind": "found", "status": "sent"}', '{"kind": "none"}', '{"kind": "ambiguous"}'], roll),
    ),
  ({ roll }) =>
    toSomeJob(
      'admin',
      `'unknown'`,
      `decide_unknown(%2$L, ''${pick(['sent', 'not_sent', 'send_again'], roll)}'')`,
    ),
  ({ session }) => `select worker.release('w${session}', array(${submitting(session)} limit 1))`,
  ({ session }) => `select worker.extend('w${session}', array(${submitting(session)}), 30)`,
  () => `select tests.let_leases_run_out()`,
  () => `select worker.sweep()`,
  () => `select tests.report(jsonb_build_object('attempt_id', a.id, 'provider_message_id', 'SM-' || a.id, 'status', 'delivered'))
    from public.send_attempts a where a.state in ('submitting', 'accepted', 'unknown') and a.worker_id <> 'w0' order by random() limit 1`,
  (step) => inbound(step, ''),
  (step) => inbound(step, step.number % 3 === 0 ? 'stop' : 'start'),
  (step) => inbound(step, 'start'),
  ({ roll, number }) =>
    `update public.contacts set name = 'Name ${number}'
      where organization_id = tests.id('acme') and phone_number = '${pick(recipients, roll)}'`,
  () => `update pgmq.q_sms_priority_queue q set vt = clock_timestamp() where q.msg_id in (
    select w.msg_id from pgmq.q_sms_priority_queue w join public.message_jobs j on j.queue_message_id = w.msg_id
    where j.status = 'queued' and w.vt > clock_timestamp() for update of w skip locked)`,
];

/** Refusals are part of a day's work (opted out, too late, decided already); a deadlock or a broken rule is not. */
const refusals = ['TL103', 'TL114', 'TL115', 'TL118'];

async function live(session: Session, index: number): Promise<void> {
  const roll = dice(index + 1);
  for (let number = 0; number < stepsEach; number += 1) {
    const step = steps[Math.floor(roll() * steps.length)] ?? complete;
    await session.sql.unsafe(step({ roll, session: index, number })).catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!refusals.includes(code)) throw error;
    });
  }
}

async function drain(): Promise<void> {
  const { onlooker } = arena;
  for (;;) {
    await onlooker`select tests.let_leases_run_out()`;
    await onlooker`update public.message_jobs set due_at = clock_timestamp() where status in ('scheduled', 'at_carrier')`;
    await onlooker.unsafe(recalled('{"kind": "cancelled"}'));
    await onlooker`select worker.sweep()`;
    await onlooker`update pgmq.q_sms_priority_queue set vt = clock_timestamp()`;
    await onlooker`update pgmq.q_sms_queue set vt = clock_timestamp()`;
    await onlooker`select worker.claim('last', 100, 30)`;
    await onlooker`select worker.complete('last', coalesce((
      select jsonb_agg(jsonb_build_object('attempt_id', a.id, 'outcome', 'accepted', 'provider_message_id', 'SM-' || a.id))
      from public.send_attempts a where a.state = 'submitting'), '[]'))`;
    const [left] = await onlooker<{ count: number }[]>`
      select count(*)::int from public.message_jobs
      where status in ('scheduled', 'at_carrier', 'queued', 'processing')`;
    if (left?.count === 0) return;
  }
}

test('six sessions doing everything at once keep every promise', async () => {
  await arena.onlooker`select tests.give_service()`;
  for (const [index, recipient] of recipients.entries()) {
    if (index > 0) await arena.onlooker`select tests.add_thread(${`thread ${index}`}, ${recipient})`;
  }
  await Promise.all(sessions.map(live));
  await drain();

  const { onlooker } = arena;
  expect(await onlooker`select event_key, reason from public.webhook_events where status = 'failed'`).toEqual(
    [],
  );
  // Every message has come to something, and its job agrees.
  expect(
    await onlooker`select m.status, j.status as job from public.messages m join public.message_jobs j on j.message_id = m.id
      where m.status in ('queued', 'held', 'scheduled')
        or (j.status <> m.status and not (j.status = 'dead' and m.status = 'failed'))`,
  ).toEqual([]);
  // Within a thread no attempt began before the one of an earlier message; what a carrier keeps has its own time.
  expect(
    await onlooker`select j.thread_id, j.position from public.send_attempts a join public.message_jobs j on j.id = a.job_id
      join public.message_jobs e on e.thread_id = j.thread_id and e.position < j.position
      join public.send_attempts o on o.job_id = e.id
      where o.started_at > a.started_at and a.worker_id <> 'w0' and o.worker_id <> 'w0'
        and a.send_at is null and o.send_at is null`,
  ).toEqual([]);
  expect(
    await onlooker`select job_id from public.send_attempts where state in ('accepted', 'unknown')
      group by job_id having count(*) > 1`,
  ).toEqual([]);
  // Places without a gap, and an unbroken chain of opt-outs.
  expect(
    await onlooker`select thread_id from public.messages group by thread_id having max(sequence) <> count(*)`,
  ).toEqual([]);
  expect(
    await onlooker`select e.sequence from public.dnc_events e
      left join public.dnc_events p on p.organization_id = e.organization_id and p.sequence = e.sequence - 1
      where e.hash <> private.seal_dnc_event(e) or e.previous_hash <> coalesce(p.hash, '')`,
  ).toEqual([]);
  // Nobody who had opted out was texted: no attempt began between a STOP and the next START.
  expect(
    await onlooker`select a.recipient, a.started_at from public.send_attempts a
      cross join lateral (
        select e.sms_blocked from public.dnc_events e
        where e.organization_id = a.organization_id and e.phone_number = a.recipient and e.created_at < a.started_at
        order by e.sequence desc limit 1
      ) last
      where last.sms_blocked and a.worker_id <> 'w0'`,
  ).toEqual([]);
});
