import postgres, { type ReservedSql, type Sql } from 'postgres';
import { carriers } from './carriers.ts';
import { senders } from './senders.ts';
import { dice, fate, ownNumbers, recipients, type Step } from './step.ts';
import { awake, endRules, surroundings } from './surroundings.ts';
import { workers } from './workers.ts';

export const everyStep: readonly Step[] = [...senders, ...workers, ...carriers, ...surroundings];
/** Refusals are part of a day's work (opted out, suspended, too late, decided already); a deadlock or a broken rule is not. */
const refusals = ['TL001', 'TL002', 'TL103', 'TL104', 'TL112', 'TL114', 'TL115', 'TL118'];

/** Customers with a thread on each of our numbers, and with one on the first alone. Younger threads have greater ids, as ever. */
export async function furnish(sql: Sql): Promise<void> {
  const [, second] = ownNumbers;
  await sql`select tests.give_service()`;
  await sql`insert into public.provider_accounts (id, organization_id, provider, account_ref, credentials_ref, requests_per_second, requests_in_flight)
    values (tests.id('second account'), tests.id('acme'), ${second.provider}, ${second.account_ref}, 'demo', 10000, 1000)`;
  await sql`insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number, segments_per_second)
    values (tests.id('second number'), tests.id('acme'), tests.id('second account'), ${second.to}, 10000)`;
  // Logs hold texts of the last hour, and those are for who had the number then.
  await sql`update public.provider_accounts set created_at = now() - interval '1 day'`;
  await sql`update public.phone_numbers set created_at = now() - interval '1 day'`;
  await sql`insert into public.contacts (organization_id, phone_number)
    select tests.id('acme'), r from unnest(${recipients}::text[]) r`;
  for (const [index, { name }] of ownNumbers.entries()) {
    await sql`insert into public.threads (organization_id, contact_id, phone_number_id)
      select c.organization_id, c.id, tests.id(${name}) from public.contacts c
      where c.organization_id = tests.id('acme') and c.phone_number = any (${recipients.slice(0, index === 0 ? 4 : 2)}::text[])`;
  }
}

export interface Mix {
  seed: number;
  /** How many statements of each session. */
  turns: number;
  steps?: readonly Step[];
}

/** What one session does; answers with whatever the database said that nobody expects to hear. */
export async function live(sql: ReservedSql, session: number, mix: Mix): Promise<string[]> {
  const { seed, turns, steps = everyStep } = mix;
  const roll = dice(seed * 1000 + session);
  const unexpected: string[] = [];
  for (let number = 0; number < turns; number += 1) {
    const statement = steps[Math.floor(roll() * steps.length)]?.({ roll, session, number }) ?? '';
    await sql.unsafe(statement).catch((error: unknown) => {
      const told = error instanceof postgres.PostgresError ? error : undefined;
      if (told === undefined || !refusals.includes(told.code)) {
        unexpected.push([told?.code, String(error), told?.detail, told?.where, statement].join('\n'));
      }
    });
  }
  return unexpected;
}

/** Nothing stands in the way any more: accounts work, clocks show the afternoon, nobody counts. */
async function clearTheWay(sql: Sql): Promise<void> {
  await sql`update public.provider_accounts set status = 'active', daily_cap = null, requests_per_second = 10000, requests_in_flight = 1000`;
  await sql`update public.phone_numbers set daily_cap = null, segments_per_second = 10000`;
  await sql`select worker.report_account(id, '{"kind": "resumed"}') from public.provider_accounts`;
  await sql`update public.contacts set time_zone = ${awake} where organization_id = tests.id('acme')`;
  await sql.unsafe(endRules);
}

/** One turn of all there is to do, as if the time it waits for had come. */
const everything = [
  `select tests.let_leases_run_out()`,
  `update public.message_jobs set due_at = clock_timestamp() where status in ('scheduled', 'held', 'at_carrier')`,
  `update private.pacers set next_at = '-infinity'`,
  `select worker.sweep()`,
  `select worker.resolve_recall(r.id, '{"kind": "cancelled"}') from public.carrier_recalls r where r.state = 'wanted' limit 1`,
  `select worker.resolve_unknown(a.id, case ${fate('a')} when 'taken'
      then jsonb_build_object('kind', 'found', 'status', 'sent', 'provider_message_id', 'SM-' || a.id) else '{"kind": "ambiguous"}' end)
    from (select * from public.send_attempts where state = 'unknown' limit 1) a`,
  `select tests.value_as('admin', format('select public.decide_unknown(%L, %L)', j.id, case ${fate('a')} when 'taken' then 'sent' else 'not_sent' end))
    from public.message_jobs j join public.send_attempts a on a.job_id = j.id and a.state = 'unconfirmed' where j.status = 'unknown' limit 1`,
  `update pgmq.q_sms_priority_queue set vt = clock_timestamp()`,
  `update pgmq.q_sms_queue set vt = clock_timestamp()`,
  `select worker.claim('last', 100, 30)`,
  `select worker.freeze('last', coalesce((select jsonb_agg(jsonb_build_object('attempt_id', a.id, 'body', 'Hi Maria'))
    from public.send_attempts a where a.worker_id = 'last' and a.state = 'submitting' and a.message_id is null), '[]'))`,
  `select worker.complete('last', coalesce((select jsonb_agg(jsonb_build_object('attempt_id', a.id) || case ${fate('a')} when 'taken'
      then jsonb_build_object('outcome', 'accepted', 'provider_message_id', 'SM-' || a.id)
      else '{"outcome": "not_sent", "error_class": "permanent"}' end)
    from public.send_attempts a where a.worker_id = 'last' and a.state = 'submitting'), '[]'))`,
];

/** Lets all time pass. Ends also when something does not: then a promise is broken (atLast). */
export async function drain(sql: Sql): Promise<void> {
  await clearTheWay(sql);
  for (let turn = 0; turn < 300; turn += 1) {
    for (const statement of everything) await sql.unsafe(statement);
    const [left] = await sql<{ count: number }[]>`
      select count(*)::int from public.message_jobs
      where status in ('scheduled', 'held', 'at_carrier', 'queued', 'processing', 'unknown')`;
    if (left?.count === 0) return;
  }
}
