import { fate, isGivenBack, often, pick, type Step, type Turn } from './step.ts';

// What workers do: each session is one.

const mine = (session: number, states = `'submitting'`) =>
  `public.send_attempts a where a.state in (${states}) and a.worker_id = 'w${session}'`;
const attempts = (session: number, where: string) =>
  `array(select a.id from ${mine(session)} and ${where} order by random() limit 3)`;

const claim: Step = ({ roll, session }) =>
  `select count(*) from worker.claim('w${session}', ${pick(['2', '5', '20'], roll)}, 30)`;
/** What the carrier answered, or would have answered had the line not broken. */
const outcome = (roll: () => number) => `case ${fate('a')}
    when 'refused' then (array[
      '{"outcome": "later", "http_status": 429, "retry_after_seconds": 0}',
      '{"outcome": "not_sent", "error_class": "retryable", "error_code": "30001"}',
      '{"outcome": "not_sent", "error_class": "retryable", "error_message": "schedule_not_possible"}',
      '{"outcome": "not_sent", "error_class": "permanent"}', '{"outcome": "not_sent", "error_class": "opted_out"}'
    ]::jsonb[])[1 + abs(hashtext(reverse(a.id::text))) % ${roll() < 0.5 ? 5 : 4}]
    else case when ${roll() < 0.15} then '{"outcome": "unknown"}' else jsonb_strip_nulls(jsonb_build_object(
      'outcome', 'accepted', 'provider_message_id', 'SM-' || a.id, 'http_status', 201, 'segments', 1,
      'provider_status', case when a.send_at is not null and ${roll() < 0.8} then 'scheduled' end
    )) end end`;
const complete: Step = ({ roll, session }) => `select worker.complete('w${session}', coalesce((
  select jsonb_agg(jsonb_build_object('attempt_id', a.id) || ${outcome(roll)})
  from ${mine(session, `'submitting', 'unknown', 'unconfirmed'`)} and a.message_id is not null and ${fate('a')} <> 'uncalled'), '[]'))`;
const notRendered: Step = ({ session }) => `select worker.complete('w${session}', coalesce((
  select jsonb_agg(jsonb_build_object('attempt_id', a.id, 'outcome', 'not_sent', 'error_class', 'permanent'))
  from (select a.id from ${mine(session)} and a.message_id is null limit 1) a), '[]'))`;
const freeze: Step = ({ session }) => `select worker.freeze('w${session}', coalesce((
  select jsonb_agg(jsonb_build_object('attempt_id', a.id, 'body', 'Hi Maria')) from ${mine(session)} and a.message_id is null), '[]'))`;

const oneOf = (table: string, where: string) =>
  `(select * from ${table} r where ${where} order by random() limit 1) r`;
const resolveRecall = ({ roll }: Turn) =>
  `select worker.resolve_recall(r.id, case when ${roll() < 0.3} then '{"kind": "${pick(['failed', 'not_found'], roll)}"}'
    when ${isGivenBack('r.attempt_id')} then '{"kind": "cancelled"}' else '{"kind": "too_late", "status": "sent"}' end::jsonb)
  from ${oneOf('public.carrier_recalls', `r.state = 'wanted'`)}`;
/** The log of an honest carrier, or one that nobody can make sense of. */
const resolveUnknown = ({ roll }: Turn) => `select worker.resolve_unknown(r.id, case
    when ${roll() < 0.3} then '{"kind": "ambiguous"}' when ${fate('r')} <> 'taken' then '{"kind": "none"}'
    else jsonb_build_object('kind', 'found', 'status', 'sent', 'provider_message_id', 'SM-' || r.id) end)
  from ${oneOf('public.send_attempts', `r.state = 'unknown'`)}`;
const resolveMissingReport = ({ roll }: Turn) =>
  `select worker.resolve_missing_report(r.attempt_id, '${pick(
    [
      '{"kind": "known", "status": "delivered", "provider_status": "delivered"}',
      '{"kind": "known", "status": "sent"}',
      '{"kind": "gone"}',
    ],
    roll,
  )}') from (select m.attempt_id from private.missing_reports m join public.send_attempts a on a.id = m.attempt_id
    where a.state = 'accepted' and ${fate('a')} = 'taken' order by random() limit 1) r`;
const reportAccount =
  (event: string): Step =>
  ({ roll }) =>
    `select worker.report_account(tests.id('${pick(['acme account', 'second account'], roll)}'), '${event}')`;

export const workers: readonly Step[] = [
  ...often(14, claim),
  ...often(12, complete),
  ...often(5, freeze),
  notRendered,
  ({ session }) => `select worker.confirm('w${session}', ${attempts(session, 'true')})`,
  ({ session }) => `select worker.release('w${session}', ${attempts(session, `${fate('a')} = 'uncalled'`)})`,
  ({ session }) =>
    `select worker.release_unheld('w${session}', array(select a.id from ${mine(session)} and ${fate('a')} <> 'uncalled'))`,
  ({ session }) => `select worker.extend('w${session}', ${attempts(session, 'true')}, 30)`,
  ...often(2, () => `select worker.sweep()`),
  ({ session }) => `select count(*) from worker.claim_recalls('w${session}', 10, 0)`,
  ...often(2, resolveRecall),
  ({ session }) => `select count(*) from worker.claim_unknown('w${session}', 10, 0)`,
  resolveUnknown,
  ({ session }) => `select count(*) from worker.claim_missing_reports('w${session}', 10, 0)`,
  resolveMissingReport,
  ({ session }) => `select count(*) from worker.claim_inbound_looks('w${session}', 3, 0)`,
  ({
    roll,
  }) => `select worker.resolve_inbound_look(tests.id('${pick(['acme number', 'second number'], roll)}'),
    '${pick(['{"kind": "failed"}', '{"kind": "read", "until": "2026-01-01", "looks_back": false, "found": 0}'], roll)}')`,
  reportAccount('{"kind": "paused", "seconds": 1, "reason": "Authentication failed"}'),
  ...often(4, reportAccount('{"kind": "resumed"}')),
  () => `select worker.replay_event()`,
  ({ session }) => `select worker.fall_asleep('w${session}', 1)`,
  ({ session }) => `select worker.wake_up('w${session}')`,
];
