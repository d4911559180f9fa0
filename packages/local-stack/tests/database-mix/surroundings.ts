import { as, often, pick, recipients, type Step } from './step.ts';

// What changes around the messages: settings, people, and the time.

const hour = new Date().getUTCHours();
/** A zone whose clocks show this hour now, whenever the test runs. Etc/GMT counts westwards. */
const zoneWhereItIs = (local: number) => {
  const ahead = ((local - hour + 36) % 24) - 12;
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
};
export const awake = zoneWhereItIs(14);
const asleep = zoneWhereItIs(3);

const rename: Step = ({ roll, number }) =>
  `select tests.value_as('agent', $$ update public.contacts set name = 'Name ${number}'
    where organization_id = tests.id('acme') and phone_number = '${pick(recipients, roll)}' returning name $$)`;
const moveAway: Step = ({ roll }) =>
  `select tests.value_as('agent', $$ update public.contacts set time_zone = '${pick([awake, awake, asleep], roll)}'
    where organization_id = tests.id('acme') and phone_number = '${pick(recipients, roll)}' returning name $$)`;
/** What an operator sets with SQL; for most of the time all is well. */
const setNumber: Step = ({ roll }) =>
  `update public.phone_numbers set ${pick(
    [
      `status = 'paused'`,
      'daily_cap = 20',
      'segments_per_second = 40',
      `status = 'active', daily_cap = null`,
      `status = 'active', segments_per_second = 10000`,
    ],
    () => Math.sqrt(roll()),
  )} where id = tests.id('${pick(['acme number', 'second number'], roll)}')`;
const setAccount: Step = ({ roll }) =>
  `update public.provider_accounts set ${pick(
    [
      `status = 'disabled'`,
      'daily_cap = 20',
      'requests_in_flight = 3',
      'requests_per_second = 40',
      `status = 'active', daily_cap = null`,
      `status = 'active', requests_in_flight = 1000`,
      `status = 'active', requests_per_second = 10000`,
    ],
    () => Math.sqrt(roll()),
  )} where id = tests.id('${pick(['acme account', 'second account'], roll)}')`;
const limitAgents: Step = ({ roll }) =>
  `update public.organizations set agent_sends_per_minute = ${pick(['5', 'null', 'null'], roll)} where id = tests.id('acme')`;
const setQuietHours: Step = ({ roll }) =>
  as(
    'admin',
    `set_quiet_hours(tests.id('acme'), '${pick(['federal', 'states', 'safe'], roll)}', ${roll() < 0.5}, null)`,
  );
const addRule: Step = () =>
  `select tests.value_as('admin', $$ select public.add_quiet_hours_rule(tests.id('acme'), '{1,2,3,4,5,6,7}', null, null, 'Holidays')
    where not exists (select from public.quiet_hours_rules r where r.organization_id = tests.id('acme') and r.effective_to is null) $$)`;
export const endRules = `select tests.value_as('admin', $$ select public.end_quiet_hours_rule(r.id) from public.quiet_hours_rules r
    where r.organization_id = tests.id('acme') and r.effective_to is null limit 1 $$)`;
const suspend: Step = ({ roll }) =>
  as(
    'owner',
    `update_member(tests.id('acme'), tests.id('second agent'), null, '${pick(['active', 'active', 'suspended'], roll)}', null)`,
  );
const setDoNotContact: Step = ({
  roll,
}) => `insert into public.dnc_entries (organization_id, phone_number, sms_blocked, source)
  values (tests.id('acme'), '${pick(recipients, roll)}', ${roll() < 0.15}, 'import')
  on conflict (organization_id, phone_number) do update set sms_blocked = excluded.sms_blocked, source = excluded.source`;
const setResendPolicy: Step = ({ roll }) =>
  as(
    'admin',
    `set_resend_policy(tests.id('acme'), '${pick(['{}', '{urgent}', '{conversational,urgent}'], roll)}')`,
  );
const acknowledge: Step = () =>
  `select tests.value_as('admin', format('select public.acknowledge_alerts(%L, %L)', tests.id('acme'), array(
    select a.id from public.alerts a where a.organization_id = tests.id('acme') and a.closed_at is null order by random())))`;

/** As time does: for what waits for it and nobody is just writing. Takes no lock and waits for none. */
const pass = (table: string, set: string, where: string, key = 'id', limit = 5) =>
  `update ${table} set ${set} where ${key} in (
    select ${key} from ${table} where ${where} order by random() limit ${limit} for no key update skip locked)`;
const visible = (queue: string) => `update pgmq.q_${queue} q set vt = clock_timestamp() where q.msg_id in (
  select w.msg_id from pgmq.q_${queue} w join public.message_jobs j on j.queue_message_id = w.msg_id and j.queue_name = '${queue}'
  where j.status = 'queued' and w.vt > clock_timestamp() for update of w skip locked)`;

export const surroundings: readonly Step[] = [
  rename,
  moveAway,
  moveAway,
  ...often(3, setNumber),
  ...often(3, setAccount),
  limitAgents,
  setQuietHours,
  addRule,
  ...often(3, () => endRules),
  suspend,
  setDoNotContact,
  setDoNotContact,
  setResendPolicy,
  acknowledge,
  ({ roll }) => as('admin', `resume_account(tests.id('${pick(['acme account', 'second account'], roll)}'))`),
  ...often(6, () =>
    pass(
      'public.message_jobs',
      'due_at = clock_timestamp()',
      `status in ('scheduled', 'held', 'at_carrier')`,
    ),
  ),
  () =>
    pass(
      'public.message_jobs',
      `created_at = created_at - interval '20 minutes'`,
      `status in ('queued', 'scheduled', 'held')`,
    ),
  () =>
    pass('public.send_attempts', `lease_expires_at = now() - interval '1 second'`, `state = 'submitting'`),
  () => pass('private.pacers', `next_at = '-infinity'`, 'true', 'subject_id'),
  () => pass('private.missing_reports', 'look_up_after = clock_timestamp()', 'true', 'attempt_id'),
  () => `insert into private.missing_reports (attempt_id, provider_account_id, look_up_after)
    select a.id, a.provider_account_id, clock_timestamp() from public.send_attempts a join public.message_jobs j on j.id = a.job_id
    where a.state = 'accepted' and j.status = 'sent' and a.worker_id <> 'w0' order by a.id limit 3 on conflict (attempt_id) do nothing`,
  ...often(2, () => visible('sms_priority_queue')),
  ...often(2, () => visible('sms_queue')),
];
