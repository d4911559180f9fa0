import {
  fate,
  isGivenBack,
  json,
  often,
  ownNumbers,
  pick,
  recipients,
  type Step,
  type Turn,
} from './step.ts';

// What customers text and carriers report.

const inbound = ({ roll, session, number }: Turn, intent: string) => {
  const { to, provider, account_ref } = ownNumbers[roll() < 0.7 ? 0 : 1];
  const event = {
    ...{ to, provider, account_ref, intent, from: pick(recipients, roll) },
    event_key: `${session}-${number}`,
    provider_message_id: `IN-${session}-${number}`,
  };
  return `select tests.inbound(${json(event)})`;
};

/** In the log, and perhaps told of already: by this session's last turn, or under another key. */
const found = ({ roll, session, number }: Turn) => {
  const { name } = ownNumbers[roll() < 0.7 ? 0 : 1];
  const told = number - (roll() < 0.5 ? 1 : 0);
  const event = {
    ...{ intent: pick(['', 'start', 'stop'], roll), from: pick(recipients, roll) },
    event_key: roll() < 0.5 ? `${session}-${told}` : `log-${session}-${told}`,
    provider_message_id: `IN-${session}-${told}`,
  };
  return `select tests.found_text('${Math.round(roll() * 60)} minutes', ${json(event)}, '${name}')`;
};

/** On what the carrier took, often before its answer is written, and now and then twice. */
const report =
  (statuses: readonly string[]): Step =>
  ({ roll }) => {
    const status = pick(statuses, roll);
    const retry = (status === 'failed' || status === 'undelivered') && roll() < 0.5;
    return `select tests.report(jsonb_build_object(
      'provider', p.provider, 'account_ref', p.account_ref, 'attempt_id', a.id, 'provider_message_id', 'SM-' || a.id,
      'status', '${status}', 'provider_status', case when a.send_at is not null and '${status}' = 'sent' then 'scheduled' else '${status}' end
    ) || ${json(retry ? { retry: { after_seconds: 60, times: 1 } } : {})})
    from (
      select * from public.send_attempts a where a.state in ('submitting', 'accepted', 'unknown', 'unconfirmed')
        and a.worker_id <> 'w0' and a.message_id is not null and ${fate('a')} = 'taken' order by random() limit 1
    ) a join public.provider_accounts p on p.id = a.provider_account_id`;
  };
/** The carrier tells what it was asked for before the worker does. */
const reportCancelled: Step = () => `select tests.report(jsonb_build_object(
    'provider', p.provider, 'account_ref', p.account_ref, 'attempt_id', a.id, 'provider_message_id', 'SM-' || a.id, 'status', 'cancelled'))
  from (select a.* from public.send_attempts a join public.carrier_recalls r on r.attempt_id = a.id and r.state = 'wanted'
    where ${isGivenBack('a.id')} limit 1) a
  join public.provider_accounts p on p.id = a.provider_account_id`;

export const carriers: readonly Step[] = [
  ...often(3, report(['sent'])),
  ...often(3, report(['delivered', 'delivered', 'undelivered', 'failed'])),
  reportCancelled,
  ...often(3, (turn) => inbound(turn, '')),
  (turn) => inbound(turn, turn.roll() < 0.6 ? 'stop' : ''),
  ...often(4, (turn) => inbound(turn, 'start')),
  ...often(2, found),
];
