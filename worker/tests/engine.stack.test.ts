import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { demoOrganizations } from '../../supabase/seed/demo-organizations.ts';
import { BreakableProxy } from './support/breakable-proxy.ts';
import { DemoStack } from './support/demo-stack.ts';

let demo: DemoStack;

beforeAll(async () => {
  demo = await DemoStack.start();
});
beforeEach(() => demo.allow({}));
afterEach(() => demo.tidy());
afterAll(() => demo.stop());

const patience = { timeout: 25_000, interval: 25 };
/** How long the database's word that a job may go is good for, and the way to the carrier. */
const lettingGoMs = 60 + 100;
const [harbor, northside] = demoOrganizations;
const [twilioAccount] = harbor.carrierAccounts;
const attempts = z.array(z.object({ job_id: z.string(), recipient: z.string() }));

let recipients = 0;
/** A customer nobody has written to yet. */
function somebody(): string {
  recipients += 1;
  return `+1312556${String(recipients).padStart(4, '0')}`;
}

async function becomes(jobId: string | undefined, status: string) {
  await vi.waitFor(async () => expect(await demo.jobStatus(jobId ?? '')).toBe(status), patience);
}

async function attemptsBecome(jobId: string | undefined, states: readonly string[]) {
  await vi.waitFor(async () => expect(await demo.jobAttemptStates(jobId ?? '')).toEqual(states), patience);
}

async function carrierBodies(): Promise<string[]> {
  return (await demo.carrierLog()).map(({ body }) => body);
}

/** What has been put off is looked at now. */
async function hurry() {
  await demo.sql`update pgmq.q_sms_queue set vt = now()`;
  await demo.sql`update pgmq.q_sms_priority_queue set vt = now()`;
}

describe('a paced number', () => {
  /** Two messages of a number that takes one in 1.1 seconds, once both are in the worker's hands: the second waits. */
  async function oneOutOneWaiting() {
    await demo.allow({ segmentsPerSecond: 0.9 });
    const worker = await demo.worker().ready();
    const people = [somebody(), somebody()];
    await demo.enqueue(people.map((to) => ({ to, body: `to ${to}` })));
    const inHand = async () => {
      const rows = await demo.sql`
        select job_id, recipient from public.send_attempts where recipient in ${demo.sql(people)} order by lease_expires_at`;
      expect(rows).toHaveLength(2);
      return attempts.parse([...rows]);
    };
    const [out, waiting] = await vi.waitFor(inHand, { timeout: 20_000, interval: 10 });
    if (out === undefined || waiting === undefined) throw new Error('unreachable');
    return { worker, out, waiting };
  }

  it('lets a STOP overtake what waits for its slot', async () => {
    await demo.worker().ready();
    // The slot is a second away. On a machine that stands still for as long the STOP comes too late, which is allowed.
    for (let tries = 0; tries < 5; tries += 1) {
      await demo.allow({ segmentsPerSecond: 0.9 });
      const stopped = somebody();
      const [first, second] = await demo.enqueue([
        { to: somebody(), body: `goes at once ${tries}` },
        { to: stopped, body: `must not go ${tries}` },
      ]);
      await vi.waitFor(
        async () => expect(await demo.jobAttemptStates(second ?? '')).toHaveLength(1),
        patience,
      );
      await demo.sql`
        select private.block_recipient(${demo.stack.organization.id}, ${stopped}, 'keyword', 'STOP', null)`;
      const stoppedAt = Date.now();
      await becomes(first, 'delivered');
      await vi.waitFor(
        async () => expect(['blocked', 'delivered']).toContain(await demo.jobStatus(second ?? '')),
        patience,
      );
      const sent = (await demo.carrierLog()).find(({ body }) => body === `must not go ${tries}`);
      // What the database had let go just before the STOP is on its way already.
      expect(sent?.submittedAtMs ?? 0).toBeLessThanOrEqual(stoppedAt + lettingGoMs);
      if (sent === undefined) {
        expect(await demo.jobStatus(second ?? '')).toBe('blocked');
        expect(await demo.jobAttemptStates(second ?? '')).toEqual(['released']);
        return;
      }
    }
    throw new Error('No STOP came in time');
  });

  it('gives back what waits for its slot as soon as the worker is to stop', async () => {
    // The slot is a second away. On a machine that stands still for as long it has left already, which is allowed.
    for (let tries = 0; tries < 5; tries += 1) {
      const { worker, out, waiting } = await oneOutOneWaiting();
      expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
      const states = await demo.jobAttemptStates(waiting.job_id);
      const next = await demo.worker().ready();
      await becomes(waiting.job_id, 'delivered');
      await becomes(out.job_id, 'delivered');
      const bodies = [`to ${out.recipient}`, `to ${waiting.recipient}`];
      expect((await carrierBodies()).filter((body) => bodies.includes(body))).toEqual(bodies);
      await next.end('SIGTERM');
      if (states.length === 1 && states[0] === 'accepted') continue;
      expect(states).toEqual(['released']);
      return;
    }
    throw new Error('No worker was stopped in time');
  });
});

describe('a template', () => {
  async function template(key: string, body: string, variables: unknown[]): Promise<void> {
    const organizationId = demo.stack.organization.id;
    await demo.sql`
      with t as (
        insert into public.message_templates (organization_id, key, name)
        values (${organizationId}, ${key}, ${key}) returning id
      ), v as (
        insert into public.template_versions (organization_id, template_id, version, body, variables)
        select ${organizationId}, t.id, 1, ${body}, ${JSON.stringify(variables)}::text::jsonb from t
        returning id, template_id
      )
      select v.id from v`;
    await demo.sql`
      update public.message_templates t set current_version_id = v.id
      from public.template_versions v where v.template_id = t.id and t.key = ${key}`;
  }

  it('is filled in, and its words are frozen on message and attempt before the carrier is called', async () => {
    await template('reminder', 'Hi {{ name | default: "there" }}', [
      { name: 'name', required: false, default: 'there' },
    ]);
    await demo.worker().ready();
    const ids = await demo.enqueue([
      { to: somebody(), template: 'reminder', variables: { name: 'Ann' } },
      { to: somebody(), template: 'reminder', variables: {} },
    ]);
    for (const id of ids) await becomes(id, 'delivered');
    expect((await carrierBodies()).sort()).toEqual(['Hi Ann', 'Hi there']);
    const [row] = await demo.sql`
      select m.body, encode(a.body_sha256, 'hex') as sha, a.message_id = m.id as is_linked
      from public.message_jobs j
      join public.messages m on m.id = j.message_id
      join public.send_attempts a on a.job_id = j.id
      where j.id = ${ids[0] ?? ''}`;
    const sha = createHash('sha256').update('Hi Ann').digest('hex');
    expect(row).toEqual({ body: 'Hi Ann', sha, is_linked: true });
  });

  it('that cannot be filled in fails for good and keeps nobody else back', async () => {
    await template('broken', 'At {{ at | date: "%H:%M", "America/Chicago" }}', [
      { name: 'at', required: true, default: null },
    ]);
    await demo.worker().ready();
    const [bad, good] = await demo.enqueue([
      { to: somebody(), template: 'broken', variables: { at: 'whenever' } },
      { to: somebody(), body: 'fine' },
    ]);
    await becomes(good, 'delivered');
    await becomes(bad, 'failed');
    const [row] =
      await demo.sql`select error_details ->> 'code' as code from public.message_jobs where id = ${bad ?? ''}`;
    expect(row).toEqual({ code: 'TL111' });
    expect(await carrierBodies()).toEqual(['fine']);
  });

  it('whose worker died before it was filled in was never sent, and goes out by another', async () => {
    await template('orphan', 'Hello again', []);
    const [job] = await demo.enqueue([{ to: somebody(), template: 'orphan', variables: {} }]);
    await demo.sql`select worker.claim('a worker that dies', 10, 30)`;
    await attemptsBecome(job, ['submitting']);
    await demo.sql`update public.send_attempts set lease_expires_at = now() where state = 'submitting'`;
    await demo.sql`select worker.sweep()`;
    await attemptsBecome(job, ['not_sent']);
    await demo.worker().ready();
    await becomes(job, 'delivered');
    expect(await carrierBodies()).toEqual(['Hello again']);
  });
});

describe('a carrier account in trouble', () => {
  it('is paused for all workers without costing its messages a try, leaves others alone, and resumes by a probe', async () => {
    const credentials = demo.credentialsWithout(twilioAccount.credentialsRef);
    const locked = await demo.worker({ PROVIDER_CREDENTIALS: credentials }).ready();
    const ids = await demo.enqueue([1, 2, 3].map((place) => ({ to: somebody(), body: `held ${place}` })));
    const paused = async () => {
      const [row] = await demo.sql`
        select pause_reason, paused_until > now() + interval '50 seconds' as is_paused
        from public.provider_accounts where account_ref = ${twilioAccount.accountRef}`;
      expect(row).toEqual({ pause_reason: 'account_unauthorized', is_paused: true });
    };
    await vi.waitFor(paused, patience);
    const [other] = await demo.sql`select id from public.organizations where slug = ${northside.slug}`;
    const [healthy] = await demo.enqueue(
      [{ to: somebody(), body: 'untouched' }],
      z.string().parse(other?.['id']),
    );
    await becomes(healthy, 'delivered');
    expect(await carrierBodies()).toEqual(['untouched']);
    const alerts =
      await demo.sql`select kind from public.alerts where closed_at is null and kind = 'account_paused'`;
    expect(alerts).toHaveLength(1);
    await locked.end('SIGTERM');

    await demo.worker().ready();
    await demo.sql`update public.provider_accounts set paused_until = now() where pause_reason is not null`;
    await hurry();
    for (const id of ids) await becomes(id, 'delivered');
    const rows = await demo.sql`select retry_count from public.message_jobs where id in ${demo.sql(ids)}`;
    expect(rows.map((row) => row['retry_count'] as unknown)).toEqual([0, 0, 0]);
    const [row] = await demo.sql`
      select count(*)::int as open from public.alerts where closed_at is null and kind = 'account_paused'`;
    expect(row).toEqual({ open: 0 });
  });

  it('is probed with one call at a time until it answers', async () => {
    await demo.sql`
      update public.provider_accounts set pause_reason = 'no_answer', paused_until = now()
      where account_ref = ${twilioAccount.accountRef}`;
    await demo.control('PUT', 'faults', { rejectRate: 1, error: 20003 });
    await demo.worker().ready();
    const ids = await demo.enqueue([1, 2, 3, 4].map((place) => ({ to: somebody(), body: `probe ${place}` })));
    await vi.waitFor(async () => {
      const rows = await demo.sql`select state from public.send_attempts where job_id in ${demo.sql(ids)}`;
      expect(rows.filter((row) => row['state'] === 'later')).toHaveLength(1);
    }, patience);
    await demo.sql`select pg_sleep(0.3)`;
    const rows =
      await demo.sql`select state from public.send_attempts where job_id in ${demo.sql(ids)} and state <> 'released'`;
    expect(rows).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  it('of the carrier is found in its log when no callback comes', async () => {
    await demo.control('PUT', 'faults', { acceptThenDropRate: 1, callbackDropRate: 1 });
    await demo.worker().ready();
    const [job] = await demo.enqueue([{ to: somebody(), body: 'answer and callbacks lost' }]);
    await becomes(job, 'unknown');
    await demo.sql`update public.send_attempts set look_up_after = now() where state = 'unknown'`;
    await vi.waitFor(
      async () => expect(await demo.jobStatus(job ?? '')).toMatch(/^(sent|delivered)$/),
      patience,
    );
    expect(await demo.jobAttemptStates(job ?? '')).toEqual(['accepted']);
    expect(await carrierBodies()).toEqual(['answer and callbacks lost']);
  });

  it('of the database hands nothing to nobody: the claim is undone, and the job goes once', async () => {
    const url = new URL(demo.stack.workerDatabaseUrl);
    const proxy = new BreakableProxy({ host: url.hostname, port: Number(url.port) });
    await proxy.mend();
    url.port = String(proxy.port);
    const worker = await demo.worker({ WORKER_DATABASE_URL: url.href }).ready();
    const workerId = /"worker":"([^"]+)"/.exec(worker.output)?.[1] ?? '';
    await proxy.cut();
    const [job] = await demo.enqueue([{ to: somebody(), body: 'claimed into the void' }]);
    // What its own claim does when the connection breaks between commit and answer.
    await demo.sql`select worker.claim(${workerId}, 10, 30)`;
    await attemptsBecome(job, ['submitting']);
    // A claim of its own has failed, so it knows that an answer may have been lost.
    await vi.waitFor(() => expect(worker.output).toContain('the database did not answer'), patience);
    await proxy.mend();
    await becomes(job, 'delivered');
    expect(await demo.jobAttemptStates(job ?? '')).toEqual(['released', 'accepted']);
    expect(await carrierBodies()).toEqual(['claimed into the void']);
    await worker.end('SIGTERM');
    await proxy.cut();
  });
});

describe('workers whose clocks are wrong by minutes', () => {
  it('send everything once, in order and not before it is due', async () => {
    const skewed = (minutes: number) =>
      demo
        .worker({
          SKEW_MS: String(minutes * 60_000),
          NODE_OPTIONS: `--import=${join(import.meta.dirname, 'support/skewed-clock.ts')}`,
        })
        .ready();
    await Promise.all([skewed(-7), skewed(7)]);
    const people = Array.from({ length: 5 }, somebody);
    const rounds = [0, 1, 2, 3];
    const dueAt = Date.now() + 2_500;
    const [later] = await demo.enqueue([
      { to: somebody(), body: 'scheduled', scheduled_for: new Date(dueAt).toISOString() },
    ]);
    const jobs = rounds.flatMap((round) => people.map((to) => ({ to, body: `${to} ${round}` })));
    for (const id of await demo.enqueue(jobs)) await becomes(id, 'delivered');
    await becomes(later, 'delivered');
    const log = await demo.carrierLog();
    expect(log).toHaveLength(jobs.length + 1);
    for (const person of people) {
      const mine = log.filter(({ to }) => to === person).map(({ body }) => body);
      expect(mine).toEqual(rounds.map((round) => `${person} ${round}`));
    }
    expect(log.find(({ body }) => body === 'scheduled')?.submittedAtMs).toBeGreaterThanOrEqual(dueAt);
  });
});

describe('a worker that is killed', () => {
  it('leaves no message behind and none doubled, wherever it was', async () => {
    await demo.allow({ segmentsPerSecond: 100, inFlight: 50 });
    await demo.control('PUT', 'faults', { latencyMs: 60 });
    const people = Array.from({ length: 20 }, somebody);
    const ids = await demo.enqueue(
      [0, 1, 2].flatMap((round) => people.map((to) => ({ to, body: `${to} ${round}` }))),
    );
    for (const pauseMs of [150, 250, 350]) {
      const worker = await demo.worker({ WORKER_CONCURRENCY: '20' }).ready();
      await demo.sql`select pg_sleep(${pauseMs / 1000})`;
      await worker.end('SIGKILL');
    }
    await demo.sql`update public.send_attempts set lease_expires_at = now() where state = 'submitting'`;
    await demo.worker().ready();
    await vi.waitFor(
      async () => {
        await demo.sql`select worker.sweep()`;
        await demo.sql`update public.send_attempts set look_up_after = now() where state = 'unknown'`;
        const rows = await demo.sql`select status from public.message_jobs where id in ${demo.sql(ids)}`;
        // What died before its request was written is in no log: only a person can close that.
        for (const row of rows) expect(row['status']).toMatch(/^(delivered|unknown)$/);
      },
      { timeout: 50_000, interval: 1_000 },
    );
    const log = await demo.carrierLog();
    expect(new Set(log.map(({ body }) => body)).size).toBe(log.length);
    const rows = await demo.sql`
      select j.recipient || ' ' || right(j.body, 1) as body from public.message_jobs j
      where j.id in ${demo.sql(ids)} and j.status = 'delivered'`;
    const bodies = new Set(log.map(({ body }) => body));
    for (const row of rows) expect(bodies).toContain(row['body']);
    for (const person of people) {
      const mine = log.filter(({ to }) => to === person).map(({ body }) => body);
      expect(mine).toEqual(mine.toSorted());
    }
  });
});
