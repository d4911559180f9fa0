import {
  as,
  json,
  often,
  ownNumbers,
  pick,
  recipients,
  threads,
  toSomeJob,
  type Step,
  type Turn,
} from './step.ts';

// What members and programs do.

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const text = (who: string, thread: string, body: string, key: string) =>
  `select tests.value_as('${who}', format('select public.send_message(%L, %L, %L)', ${thread}, '${body}', ${key}))`;
const send: Step = ({ roll, session, number }) =>
  text(
    pick(['agent', 'second agent'], roll),
    pick(threads, roll),
    `${session}-${number}`,
    'gen_random_uuid()',
  );
/** The same tap twice, from two devices. */
const sendAgain: Step = ({ roll }) => {
  const thread = pick(threads, roll);
  return text('agent', thread, 'Twice', `tests.id('twice ' || ${thread})`);
};

function job({ roll, session, number }: Turn, place: number): Record<string, unknown> {
  const filledIn = (name: string) => ({ body: null, template: 'greeting', variables: { name } });
  const words = roll() < 0.3 ? filledIn('Maria') : { body: `${session}-${number}-${place}` };
  const key = `key ${Math.floor(roll() * 20)}`;
  return {
    to: pick(recipients, roll),
    from: ownNumbers[roll() < 0.7 ? 0 : 1].to,
    class: pick(['urgent', 'urgent', 'urgent', 'transactional', 'marketing'], roll),
    priority: pick(['normal', 'normal', 'high'], roll),
    max_retries: Math.floor(roll() * 3),
    ...(roll() < 0.15 ? { ...filledIn(key), idempotency_key: key } : words),
    ...(roll() < 0.5 && { scheduled_for: inHours(2), carrier_scheduling: roll() < 0.8 }),
    ...(roll() < 0.1 && { send_before: inHours(3) }),
  };
}
/** Texts to several people in one call; some wait for their time here, some at the carrier. */
const batch: Step = (turn) => {
  const jobs = Array.from({ length: 1 + Math.floor(turn.roll() * 4) }, (_, place) => job(turn, place));
  return `select count(*) from tests.enqueue(variadic array(select j from jsonb_array_elements(${json(jobs)}) j))`;
};
const remind: Step = ({ roll, session, number }) =>
  as(
    'secret key',
    `send_reminder(tests.id('acme'), ${json({
      to: pick(recipients, roll),
      body: `Reminder ${session}-${number}`,
      class: 'urgent',
      due_at: inHours(pick(['1', '5', '48'], roll) === '1' ? 0.5 : 5),
      dedupe_window_seconds: Math.floor(roll() * 2) * 300,
    })})`,
  );
const move = (roll: () => number) =>
  toSomeJob(
    'secret key',
    `'scheduled', 'at_carrier', 'queued', 'held'`,
    `reschedule_job(%L, %L, clock_timestamp() + interval ''${pick(['0 hours', '3 hours'], roll)}'')`,
  );
const several = (call: string, statuses: string, who = 'secret key') =>
  `select tests.value_as('${who}', format('select public.${call}(%L, %L)', tests.id('acme'), array(
    select j.id from public.message_jobs j
    where j.organization_id = tests.id('acme') and j.status in (${statuses}) order by random() limit 2)))`;

export const senders: readonly Step[] = [
  ...often(5, send),
  sendAgain,
  ...often(10, batch),
  remind,
  () => several('cancel_jobs', `'scheduled', 'queued', 'held', 'at_carrier'`),
  () => several('cancel_jobs', `'at_carrier'`),
  ...often(2, ({ roll }) => move(roll)),
  () => several('retry_failed', `'failed', 'dead', 'undelivered'`),
  () => several('replay_dead_letters', `'dead'`, 'admin'),
  () => several('discard_dead_letters', `'dead'`, 'owner'),
  ({ roll }) =>
    toSomeJob(
      'admin',
      `'unknown'`,
      `decide_unknown(%2$L, ''${pick(['sent', 'not_sent', 'send_again'], roll)}'')`,
    ),
  ({ roll }) => as('agent', `mark_thread_read(${pick(threads, roll)}, ${Math.floor(roll() * 20)})`),
  ({ roll }) =>
    as(
      'agent',
      `open_thread(tests.id('acme'), tests.id('second number'), '${pick(recipients, roll)}', 'Somebody')`,
    ),
];
