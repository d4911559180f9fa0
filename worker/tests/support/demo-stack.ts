import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@supabase/supabase-js';
import type { SupabaseClient } from '@supabase/supabase-js';
import { demoProviderCredentials } from '@threadline/local-stack/demo';
import { loadKeys } from '@threadline/local-stack/keys';
import { startThrowAwayStack } from '@threadline/local-stack/throw-away-stack';
import postgres from 'postgres';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { WorkerProcess } from './worker-process.ts';

const carrierMessages = z.object({
  messages: z.array(
    z.object({
      sequence: z.number(),
      sid: z.string(),
      to: z.string(),
      body: z.string(),
      status: z.string(),
      submittedAtMs: z.number(),
    }),
  ),
});
const inbox = z.object({ threads: z.array(z.object({ id: z.string(), opted_out: z.boolean() })) });
const enqueued = z.array(z.object({ job_id: z.string() }));
const sent = z.object({ id: z.string() });

export type CarrierMessage = z.infer<typeof carrierMessages>['messages'][number];

/** A stack without a worker of its own, so that a test can start, stop and kill workers as it likes. */
export class DemoStack {
  readonly sql: Sql;
  /** Threads that may be written to. */
  readonly threadIds: readonly string[];
  readonly #running: Awaited<ReturnType<typeof startThrowAwayStack>>;
  readonly #agent: SupabaseClient;
  readonly #credentials: string;
  readonly #workers: WorkerProcess[] = [];

  private constructor(
    running: Awaited<ReturnType<typeof startThrowAwayStack>>,
    agent: SupabaseClient,
    threadIds: readonly string[],
    credentials: string,
  ) {
    this.#running = running;
    this.#agent = agent;
    this.threadIds = threadIds;
    this.#credentials = credentials;
    this.sql = postgres(running.stack.dbUrl, { max: 2, onnotice: () => undefined });
  }

  static async start(): Promise<DemoStack> {
    const running = await startThrowAwayStack({ web: 'none' });
    await running.parts.get('worker')?.stop();
    const { stack } = running;
    const agent = createClient(stack.apiUrl, stack.publishableKey);
    const account = stack.accounts.find(({ role }) => role === 'agent');
    await agent.auth.signInWithPassword({ email: account?.email ?? '', password: account?.password ?? '' });
    const page = await agent.rpc('inbox_page', { p_organization_id: stack.organization.id });
    const { threads } = inbox.parse(page.data);
    const threadIds = threads.filter((thread) => !thread.opted_out).map(({ id }) => id);
    const credentials = demoProviderCredentials(await loadKeys(stack.home), stack.carrierUrl);
    const demo = new DemoStack(running, agent, threadIds, credentials);
    // The agent of these tests types faster than people may.
    await demo.sql`update public.organizations set agent_sends_per_minute = null`;
    return demo;
  }

  get stack() {
    return this.#running.stack;
  }

  /** Takes a part of the stack away for good, as an outage does. */
  async lose(name: string): Promise<void> {
    const part = this.#running.parts.get(name);
    if (part === undefined) throw new Error(`there is no ${name}`);
    await part.stop();
  }

  /** @param changes to the environment of a worker that lacks nothing */
  worker(changes: Readonly<Record<string, string>> = {}): WorkerProcess {
    const worker = new WorkerProcess({
      WORKER_DATABASE_URL: this.stack.workerDatabaseUrl,
      SUPABASE_URL: this.stack.apiUrl,
      SUPABASE_SECRET_KEY: this.stack.secretKey,
      PUBLIC_WEBHOOK_BASE: this.stack.functionsUrl,
      PROVIDER_CREDENTIALS: this.#credentials,
      ...changes,
    });
    this.#workers.push(worker);
    return worker;
  }

  /** PROVIDER_CREDENTIALS in which one account has a token that is not its own. */
  credentialsWithout(credentialsRef: string): string {
    const entries = z.record(z.string(), z.record(z.string(), z.string()));
    const all = entries.parse(JSON.parse(this.#credentials));
    return JSON.stringify({
      ...all,
      [credentialsRef]: { ...all[credentialsRef], authToken: '0'.repeat(32) },
    });
  }

  /** What the numbers and accounts may do, as of now. */
  async allow(limits: { segmentsPerSecond?: number; inFlight?: number }): Promise<void> {
    const { segmentsPerSecond = 100, inFlight = 10 } = limits;
    await this.sql`update public.phone_numbers set segments_per_second = ${segmentsPerSecond}`;
    await this.sql`update public.provider_accounts
      set requests_in_flight = ${inFlight}, requests_per_second = 1000, paused_until = null, pause_reason = null`;
    await this.sql`update public.organizations set agent_sends_per_minute = null`;
    await this.sql`delete from private.pacers`;
    await this.sql`delete from private.account_load`;
  }

  /** As a program would; answers the jobs' ids. Each recipient has a thread of its own. */
  async enqueue(
    jobs: readonly Readonly<Record<string, unknown>>[],
    organizationId = this.stack.organization.id,
  ): Promise<string[]> {
    const urgent = jobs.map((job) => ({ class: 'urgent', dedupe_window_seconds: 0, ...job }));
    const [row] = await this.sql`
      select public.enqueue_batch(${organizationId}, ${JSON.stringify(urgent)}::text::jsonb) as results`;
    return enqueued.parse(row?.['results']).map(({ job_id }) => job_id);
  }

  async jobStatus(jobId: string): Promise<unknown> {
    const [row] = await this.sql`select status from public.message_jobs where id = ${jobId}`;
    return row?.['status'];
  }

  async jobAttemptStates(jobId: string): Promise<unknown[]> {
    const rows = await this
      .sql`select state from public.send_attempts where job_id = ${jobId} order by started_at`;
    return rows.map((row) => row['state'] as unknown);
  }

  /** As an agent would; answers the message's id. */
  async send(threadIndex: number, body: string): Promise<string> {
    const { data, error } = await this.#agent.rpc('send_message', {
      p_thread_id: this.threadIds[threadIndex],
      p_body: body,
      p_client_key: crypto.randomUUID(),
    });
    if (error !== null) throw new Error(error.message);
    return sent.parse(data).id;
  }

  /** What the carrier took from us, in order. */
  async carrierLog(): Promise<CarrierMessage[]> {
    const response = await fetch(`${this.stack.carrierUrl}/control/messages`);
    return carrierMessages.parse(await response.json()).messages;
  }

  async control(method: 'POST' | 'PUT', path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.stack.carrierUrl}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  async statusOf(messageId: string): Promise<unknown> {
    const [row] = await this.sql`select status from public.messages where id = ${messageId}`;
    return row?.['status'];
  }

  async attemptStates(messageId: string): Promise<unknown[]> {
    const rows = await this.sql`
      select state from public.send_attempts where message_id = ${messageId} order by started_at`;
    return rows.map((row) => row['state'] as unknown);
  }

  /** As if the message had been submitted so long ago. An attempt's id tells its time as well. */
  async age(messageId: string, interval: string): Promise<void> {
    await this.sql`
      update public.send_attempts a
      set started_at = clock_timestamp() - ${interval}::interval,
        id = (left(private.uuid_at(clock_timestamp() - ${interval}::interval)::text, 13) || substring(a.id::text from 14))::uuid
      where a.message_id = ${messageId}`;
    await this.sql`update private.report_watch set passed_id = '00000000-0000-0000-0000-000000000000'`;
  }

  /** As if our numbers had been ours since yesterday, and their logs been read until so long ago. */
  async lookedUntil(interval: string): Promise<void> {
    await this.sql`update public.provider_accounts set created_at = now() - interval '1 day'`;
    await this.sql`update public.phone_numbers set created_at = now() - interval '1 day'`;
    await this.sql`delete from private.inbound_looks`;
    await this.sql`
      insert into private.inbound_looks (phone_number_id, read_until, look_after, look_back_after)
      select id, now() - ${interval}::interval, now(), now() + interval '1 day' from public.phone_numbers`;
  }

  /** Resolves when every number's log has been read up to the present. */
  async untilLookedThrough(): Promise<void> {
    for (;;) {
      const behind = await this.sql`
        select from private.inbound_looks where read_until < now() - interval '150 seconds'`;
      if (behind.length === 0) return;
      await pause(100);
    }
  }

  /** Ends every worker, and forgets what waits and the carrier's log and faults: the next test begins afresh. */
  async tidy(): Promise<void> {
    for (const worker of this.#workers.splice(0)) if (worker.isRunning) await worker.end('SIGKILL');
    await this.sql`select pgmq.purge_queue('sms_queue'), pgmq.purge_queue('sms_priority_queue')`;
    await this.sql`delete from public.message_jobs`;
    await this.control('POST', 'reset', {});
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) if (worker.isRunning) await worker.end('SIGKILL');
    await this.sql.end({ timeout: 1 });
    await this.#running.stop();
  }
}
