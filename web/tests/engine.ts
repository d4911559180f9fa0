import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { z } from 'zod';
import { accountOf, stack } from './desk.ts';

const rows = <T extends z.ZodType>(row: T) => z.array(row).min(1);
const account = z.object({ id: z.guid(), provider: z.string(), account_ref: z.string() });
const withId = rows(z.object({ id: z.guid() }));

/** What a worker reports of an attempt; see worker.complete. */
type Outcome = Readonly<Record<string, string | number>>;

export const refusedForNow: Outcome = {
  outcome: 'not_sent',
  error_class: 'retryable',
  error_code: 'provider_unreachable',
  error_text: 'The carrier could not be reached. This will be tried again.',
};
export const noAnswer: Outcome = { outcome: 'unknown', error_code: 'no_answer', http_status: 504 };

/** The database as its owner, for what a worker in trouble does. */
export class Engine {
  readonly sql: Sql = postgres(stack.dbUrl, { max: 1, onnotice: () => undefined });

  async close(): Promise<void> {
    await this.sql.end({ timeout: 1 });
  }

  /** An agent's message whose last attempt came to `outcome`, in one transaction, unseen by the worker; gives its job. */
  async send(customer: string, body: string, outcome: Outcome): Promise<string> {
    return this.sql.begin(async (sql) => {
      const messageId = await writeAsAgent(sql, customer, body);
      const [job] = withId.parse(
        await sql`
        update public.message_jobs set status = 'processing', retry_count = max_retries, queue_message_id = null
        where message_id = ${messageId} returning id`,
      );
      const [attempt] = withId.parse(
        await sql`
        insert into public.send_attempts (organization_id, job_id, message_id, provider_account_id, sender, recipient,
          worker_id, lease_expires_at)
        select j.organization_id, j.id, j.message_id, n.provider_account_id, n.phone_number, j.recipient, 'w', now() + interval '1 hour'
        from public.message_jobs j join public.phone_numbers n on n.id = j.phone_number_id
        where j.message_id = ${messageId} returning id`,
      );
      const reported = JSON.stringify([{ ...outcome, attempt_id: attempt?.id }]);
      await sql`select worker.complete('w', ${reported}::text::jsonb)`;
      return job?.id ?? '';
    });
  }

  /** The carrier's log holds two messages that could be this one, so nobody but a person can tell. */
  async leaveInDoubt(jobId: string): Promise<void> {
    await this.sql`
      select worker.resolve_unknown(a.id, '{"kind": "ambiguous"}') from public.send_attempts a where a.job_id = ${jobId}`;
  }

  /** While `work` runs, whatever commits is in the log and seen by nobody: a synchronous standby would have to confirm it. */
  async withUnseenCommits(work: () => Promise<void>): Promise<void> {
    const probing = postgres(stack.dbUrl, { max: 1, onnotice: () => undefined });
    await this.sql.unsafe(`alter system set synchronous_standby_names = 'nobody'`);
    try {
      await this.sql`select pg_reload_conf()`;
      // The server heeds the setting a moment later.
      const probe = probing`select pg_logical_emit_message(true, 'probe', '')`.execute();
      while ((await this.sql`select from pg_stat_activity where wait_event = 'SyncRep'`).length === 0)
        await pause(20);
      await work();
      await this.#confirmCommits();
      await probe;
    } finally {
      await this.#confirmCommits();
      await probing.end({ timeout: 1 });
    }
  }

  async #confirmCommits(): Promise<void> {
    await this.sql.unsafe('alter system reset synchronous_standby_names');
    await this.sql`select pg_reload_conf()`;
  }

  async optOut(customer: string): Promise<void> {
    await this.sql`
      select private.block_recipient(${stack.organization.id}, ${customer}, 'member', 'Asked by phone', null)`;
  }

  /** A program's message for another day. */
  async schedule(customer: string, body: string): Promise<void> {
    const scheduledFor = new Date(Date.now() + 30 * 86_400_000).toISOString();
    // Urgent, or in the night it would be held until the recipient's morning.
    const job = { to: customer, body, class: 'urgent', scheduled_for: scheduledFor };
    await this
      .sql`select public.enqueue_message(${stack.organization.id}, ${JSON.stringify(job)}::text::jsonb)`;
  }

  /** What a program writes to all of them is sent, all in one go. */
  async sendCampaign(customers: readonly string[], body: string): Promise<void> {
    await this.sql.begin(async (sql) => {
      const numberId = await beAgent(sql);
      const threads = await sql<{ id: string }[]>`
        select public.open_thread(${stack.organization.id}, ${numberId}, c) as id from unnest(${customers}::text[]) c`;
      await sql`
        with written as (
          insert into public.messages (organization_id, thread_id, sequence, direction, body, status, provider_account_id)
          select t.organization_id, t.id, t.last_sequence + 1, 'outbound', ${body}, 'sent', n.provider_account_id
          from public.threads t join public.phone_numbers n on n.id = t.phone_number_id
          where t.id = any (${threads.map(({ id }) => id)}::uuid[])
          returning *
        )
        update public.threads t set last_sequence = w.sequence, last_message_id = w.id, last_message_at = w.created_at
        from written w where t.id = w.thread_id`;
    });
  }

  /** An agent's message that waits because they sent too many; gives its thread. */
  async delay(customer: string, body: string): Promise<string> {
    return this.sql.begin(async (sql) => {
      const limit = async (perMinute: number) =>
        sql`update public.organizations set agent_sends_per_minute = ${perMinute} where id = ${stack.organization.id}`;
      await limit(1);
      await writeAsAgent(sql, customer, 'Fast enough');
      const messageId = await writeAsAgent(sql, customer, body);
      await limit(600);
      // The agent's pace is forgotten, or the tests that follow would wait for it.
      await sql`delete from private.pacers p using public.members m
        where p.subject_id = md5(m.organization_id || ' ' || m.user_id)::uuid and m.organization_id = ${stack.organization.id}`;
      const [thread] = withId.parse(
        await sql`select thread_id as id from public.messages where id = ${messageId}`,
      );
      return thread?.id ?? '';
    });
  }

  /** A customer texts a number of the carrier account that is not registered here; gives the number. */
  async textUnknownNumber(customer: string, body: string): Promise<string> {
    const to = '+13125559907';
    const [account] = await this.#account();
    const id = randomUUID();
    const event = {
      ...{
        provider: account.provider,
        account_ref: account.account_ref,
        event_key: id,
        provider_message_id: id,
      },
      ...{ from: customer, to, body, segments: 1, intent: null, media: [] },
    };
    await this.sql`select public.ingest_inbound_message(${JSON.stringify(event)}::text::jsonb)`;
    return to;
  }

  /** While `work` runs, a number is the organization's. */
  async withNumber(phoneNumber: string, work: () => Promise<void>): Promise<void> {
    const [account] = await this.#account();
    await this.sql`
      insert into public.phone_numbers (organization_id, provider_account_id, phone_number)
      values (${stack.organization.id}, ${account.id}, ${phoneNumber})`;
    try {
      await work();
    } finally {
      await this.sql`update public.phone_numbers set released_at = now() where phone_number = ${phoneNumber}`;
    }
  }

  async #account(): Promise<[z.infer<typeof account>]> {
    const found = await this.sql`
      select a.id, a.provider, a.account_ref from public.provider_accounts a
      join public.phone_numbers n on n.provider_account_id = a.id where n.phone_number = ${stack.organization.phoneNumber}`;
    return z.tuple([account]).parse([...found]);
  }

  /** What workers do four times a minute. */
  async sweep(): Promise<void> {
    await this.sql`select worker.sweep()`;
  }

  /** Opens an alert as the sweep does. */
  async openAlert(kind: string, severity: string, subjectId: string, details: object = {}): Promise<void> {
    await this.sql`
      select private.open_alert(${stack.organization.id}, ${kind}, ${severity}, ${subjectId}, ${JSON.stringify(details)}::text::jsonb)`;
  }

  async closeAlert(kind: string, subjectId: string): Promise<void> {
    await this.sql`select private.close_alert(${stack.organization.id}, ${kind}, ${subjectId})`;
  }
}

/** The rest of the transaction is the agent's. @returns the id of the organization's number */
async function beAgent(sql: TransactionSql): Promise<string> {
  const agent = accountOf('agent').email;
  const [number] = withId.parse(
    await sql`select id from public.phone_numbers where phone_number = ${stack.organization.phoneNumber}`,
  );
  const [user] = withId.parse(await sql`select id from auth.users where email = ${agent}`);
  const claims = JSON.stringify({ sub: user?.id, role: 'authenticated' });
  await sql`
    select set_config('request.jwt.claims', ${claims}, true), set_config('request.jwt.claim.sub', ${user?.id ?? ''}, true)`;
  return number?.id ?? '';
}

async function writeAsAgent(sql: TransactionSql, customer: string, body: string): Promise<string> {
  const numberId = await beAgent(sql);
  const [thread] = withId.parse(
    await sql`select public.open_thread(${stack.organization.id}, ${numberId}, ${customer}) as id`,
  );
  const [message] = withId.parse(
    await sql`select (public.send_message(${thread?.id ?? ''}, ${body}, ${randomUUID()}) ->> 'id')::uuid as id`,
  );
  return message?.id ?? '';
}
