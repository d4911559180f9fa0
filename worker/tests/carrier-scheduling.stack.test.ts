import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { demoOrganizations } from '../../supabase/seed/demo-organizations.ts';
import { DemoStack } from './support/demo-stack.ts';
import type { CarrierMessage } from './support/demo-stack.ts';

let demo: DemoStack;

beforeAll(async () => {
  demo = await DemoStack.start();
  await demo.sql`update public.phone_numbers set messaging_service_ref = ${`MG${'a'.repeat(32)}`}`;
});
beforeEach(() => demo.allow({}));
afterEach(() => demo.tidy());
afterAll(() => demo.stop());

const patience = { timeout: 25_000, interval: 25 };
const hour = 3_600;
const ourNumber = demoOrganizations[0].numbers[0]?.phoneNumber ?? '';
const outcomes = z.array(z.object({ outcome: z.string() }));

let recipients = 0;
/** A customer nobody has written to yet. */
function somebody(): string {
  recipients += 1;
  return `+1312557${String(recipients).padStart(4, '0')}`;
}

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

async function becomes(jobId: string, status: string) {
  await vi.waitFor(async () => expect(await demo.jobStatus(jobId)).toBe(status), patience);
}

/** A job for two hours from now, handed over and kept by the carrier. */
async function atCarrier(to = somebody(), body = 'Until then'): Promise<string> {
  const [jobId = ''] = await demo.enqueue([
    { to, body, carrier_scheduling: true, scheduled_for: inSeconds(2 * hour) },
  ]);
  await becomes(jobId, 'at_carrier');
  return jobId;
}

async function cancel(jobId: string): Promise<string | undefined> {
  const [row] = await demo.sql`
    select public.cancel_jobs(${demo.stack.organization.id}, array[${jobId}::uuid]) as results`;
  return outcomes.parse(row?.['results'])[0]?.outcome;
}

async function messageOf(jobId: string) {
  const [row] = await demo.sql`
    select m.status, m.error_code, m.carrier_holds_until is not null as is_held
    from public.message_jobs j join public.messages m on m.id = j.message_id where j.id = ${jobId}`;
  return row;
}

async function recallsOf(jobId: string) {
  const rows = await demo.sql`
    select reason, state, tries, error_code from public.carrier_recalls where job_id = ${jobId} order by asked_at`;
  return rows.map((row) => ({ ...row }));
}

async function carrierStatuses(): Promise<string[]> {
  return (await demo.carrierLog()).map(({ status }) => status);
}

/** Time passes at the carrier for what it keeps, and for nothing else. */
async function advance(seconds: number) {
  await demo.control('POST', 'advance', { seconds });
}

async function carrierShows(check: (log: readonly CarrierMessage[]) => void) {
  await vi.waitFor(async () => check(await demo.carrierLog()), patience);
}

describe('a message left at the carrier', () => {
  it('is kept there, keeps nobody back, and goes at its time', async () => {
    await demo.worker().ready();
    const to = somebody();
    const jobId = await atCarrier(to);
    expect(await messageOf(jobId)).toEqual({ status: 'scheduled', error_code: null, is_held: true });
    const [next = ''] = await demo.enqueue([{ to, body: 'Now' }]);
    await becomes(next, 'delivered');
    await advance(2 * hour - 60);
    expect(await carrierStatuses()).toEqual(['scheduled', 'delivered']);
    await advance(61);
    await becomes(jobId, 'delivered');
    expect(await messageOf(jobId)).toEqual({ status: 'delivered', error_code: null, is_held: false });
    expect(await carrierStatuses()).toEqual(['delivered', 'delivered']);
    expect(await demo.jobAttemptStates(jobId)).toEqual(['accepted']);
  });

  it('is found there when the answer to the handing over was lost', async () => {
    await demo.control('PUT', 'faults', { acceptThenDropRate: 1 });
    await demo.worker().ready();
    const [jobId = ''] = await demo.enqueue([
      { to: somebody(), body: 'Lost', carrier_scheduling: true, scheduled_for: inSeconds(2 * hour) },
    ]);
    await becomes(jobId, 'unknown');
    await demo.control('PUT', 'faults', {});
    await demo.sql`update public.send_attempts set look_up_after = now() where state = 'unknown'`;
    await becomes(jobId, 'at_carrier');
    expect(await messageOf(jobId)).toEqual({ status: 'scheduled', error_code: null, is_held: true });
    await advance(2 * hour + 1);
    await becomes(jobId, 'delivered');
    expect(await carrierStatuses()).toEqual(['delivered']);
  });

  it('is sent from here when it lies too near by the time it is handed over', async () => {
    const [jobId = ''] = await demo.enqueue([
      { to: somebody(), body: 'Near', carrier_scheduling: true, scheduled_for: inSeconds(2 * hour) },
    ]);
    // No worker ran for almost two hours.
    await demo.sql`
      update public.message_jobs set carrier_at = now() + interval '3 seconds', scheduled_for = now() + interval '3 seconds'
      where id = ${jobId}`;
    await demo.worker().ready();
    await becomes(jobId, 'delivered');
    expect(await demo.jobAttemptStates(jobId)).toEqual(['not_sent', 'accepted']);
    const [log] = await demo.carrierLog();
    const [row] = await demo.sql`
      select extract(epoch from scheduled_for)::float8 * 1000 as due from public.message_jobs where id = ${jobId}`;
    expect(log?.submittedAtMs).toBeGreaterThanOrEqual(z.number().parse(row?.['due']));
  });
});

describe('taking a message back from the carrier', () => {
  it('is what a STOP from the handset does', async () => {
    await demo.worker().ready();
    const to = somebody();
    const jobId = await atCarrier(to);
    const other = await atCarrier();
    await demo.control('POST', 'inbound', { from: to, to: ourNumber, body: 'STOP' });
    await becomes(jobId, 'cancelled');
    expect(await messageOf(jobId)).toEqual({ status: 'cancelled', error_code: 'TL103', is_held: false });
    expect(await recallsOf(jobId)).toMatchObject([{ reason: 'opted_out', state: 'recalled' }]);
    await advance(2 * hour + 1);
    await becomes(other, 'delivered');
    expect(await carrierStatuses()).toEqual(['canceled', 'delivered']);
  });

  it('is what a cancel does', async () => {
    await demo.worker().ready();
    const jobId = await atCarrier();
    expect(await cancel(jobId)).toBe('requested');
    await becomes(jobId, 'cancelled');
    expect(await carrierStatuses()).toEqual(['canceled']);
    expect(await demo.jobAttemptStates(jobId)).toEqual(['recalled']);
    expect(await cancel(jobId)).toBe('unchanged');
  });

  it('comes before another time, for which it is handed over once', async () => {
    await demo.worker().ready();
    const jobId = await atCarrier();
    const [row] = await demo.sql`
      select public.reschedule_job(${demo.stack.organization.id}, ${jobId}, ${inSeconds(5 * hour)}) ->> 'status' as status`;
    expect(row).toEqual({ status: 'at_carrier' });
    await vi.waitFor(
      async () => expect(await demo.jobAttemptStates(jobId)).toEqual(['recalled', 'accepted']),
      patience,
    );
    await becomes(jobId, 'at_carrier');
    expect(await carrierStatuses()).toEqual(['canceled', 'scheduled']);
    await advance(2 * hour + 1);
    expect(await carrierStatuses()).toEqual(['canceled', 'scheduled']);
    await advance(3 * hour);
    await becomes(jobId, 'delivered');
    expect(await carrierStatuses()).toEqual(['canceled', 'delivered']);
    expect(await messageOf(jobId)).toEqual({ status: 'delivered', error_code: null, is_held: false });
  });

  it('survives the death of a worker between the carrier’s deed and its answer', async () => {
    const first = await demo.worker().ready();
    const jobId = await atCarrier();
    // The report of the deed, which would tell just as well, is to come too late for this test.
    await demo.control('PUT', 'faults', { latencyMs: 5_000, callbackDelayMs: 120_000 });
    await cancel(jobId);
    await carrierShows((log) => expect(log[0]?.status).toBe('canceled'));
    await first.end('SIGKILL');
    expect(await demo.jobStatus(jobId)).toBe('at_carrier');
    expect(await recallsOf(jobId)).toMatchObject([{ state: 'wanted', tries: 1 }]);
    await demo.control('PUT', 'faults', {});
    await demo.sql`update public.carrier_recalls set try_after = now() where state = 'wanted'`;
    await demo.worker().ready();
    await becomes(jobId, 'cancelled');
    expect(await recallsOf(jobId)).toEqual([
      { reason: 'cancelled', state: 'recalled', tries: 2, error_code: '30409' },
    ]);
    expect(await carrierStatuses()).toEqual(['canceled']);
  });

  it('may come too late, and then it is shown', async () => {
    const first = await demo.worker().ready();
    const to = somebody();
    const jobId = await atCarrier(to);
    await first.end('SIGTERM');
    await demo.control('PUT', 'faults', { callbackDelayMs: 120_000 });
    await demo.sql`select private.block_recipient(${demo.stack.organization.id}, ${to}, 'keyword', 'STOP', null)`;
    await advance(2 * hour + 1);
    await carrierShows((log) => expect(log[0]?.status).toBe('delivered'));
    expect(await demo.jobStatus(jobId)).toBe('at_carrier');
    await demo.worker().ready();
    await becomes(jobId, 'delivered');
    expect(await recallsOf(jobId)).toEqual([
      { reason: 'opted_out', state: 'too_late', tries: 1, error_code: '30409' },
    ]);
    expect(await messageOf(jobId)).toMatchObject({ error_code: 'too_late_to_cancel' });
    const [row] = await demo.sql`
      select severity from public.alerts where kind = 'recall_too_late' and subject_id = ${jobId}`;
    expect(row).toEqual({ severity: 'critical' });
  });
});
