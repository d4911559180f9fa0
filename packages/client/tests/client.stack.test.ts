import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import {
  AuthenticationError,
  IdempotencyConflictError,
  CarrierScheduleError,
  InvalidScheduleError,
  NotCancellableError,
  NotPermittedError,
  RecipientOptedOutError,
  TemplateNotFoundError,
  TemplateVariableMissingError,
} from '../src/index.ts';
import { asAdmin, clientOf, customerTexts, someone, textsTo, tomorrow } from './support/demo.ts';

const stack = inject('stack');
const client = clientOf(stack);
/** Urgent texts go at any hour of the day the tests run. */
const urgent = { class: 'urgent', dedupeWindowSeconds: 0 } as const;
const caught = async (promise: Promise<unknown>) => promise.then(() => null).catch((e: unknown) => e);

describe('a message', () => {
  test('reaches the carrier once, however often its key is sent', async () => {
    const job = { to: someone(), body: `Once ${randomUUID()}`, idempotencyKey: randomUUID(), ...urgent };
    const first = await client.enqueueMessage(job);
    expect(first.outcome).toBe('accepted');
    const again = await client.enqueueMessage(job);
    expect(again).toMatchObject({ outcome: 'duplicate', jobId: first.jobId });
    expect(await textsTo(stack, job.to)).toEqual([job.body]);
    const other = { ...job, body: 'Something else' };
    expect(await caught(client.enqueueMessage(other))).toBeInstanceOf(IdempotencyConflictError);
  });

  test('is not for somebody who opted out', async () => {
    const to = someone();
    await customerTexts(stack, to, 'STOP');
    await expect
      .poll(async () => caught(client.enqueueMessage({ to, body: 'Hi', ...urgent })))
      .toBeInstanceOf(RecipientOptedOutError);
  });

  test('goes out in the words of its template', async () => {
    const key = `t-${randomUUID()}`;
    await asAdmin(stack, 'save_template', {
      p_organization_id: stack.organization.id,
      p_template_id: null,
      p_key: key,
      p_name: 'Visit',
      p_category: 'reminders',
      p_body: 'Hi {{ first_name | default: "there" }}, see you at {{ clinic }}.',
      p_variables: [
        { name: 'first_name', required: false, default: 'there' },
        { name: 'clinic', required: true, default: null },
      ],
    });
    const job = { to: someone(), template: key, ...urgent };
    const error = await caught(client.enqueueMessage({ ...job, variables: { first_name: 'Maria' } }));
    expect(error).toBeInstanceOf(TemplateVariableMissingError);
    expect((error as TemplateVariableMissingError).names).toEqual(['clinic']);
    await client.enqueueMessage({ ...job, variables: { clinic: 'Main St' } });
    expect(await textsTo(stack, job.to)).toEqual(['Hi there, see you at Main St.']);
    expect(await caught(client.enqueueMessage({ ...job, template: 'none-such' }))).toBeInstanceOf(
      TemplateNotFoundError,
    );
  });

  test('cannot be too late or too far ahead', async () => {
    const late = { to: someone(), body: 'Hi', sendBefore: new Date(Date.now() - 1000), ...urgent };
    expect(await caught(client.enqueueMessage(late))).toBeInstanceOf(InvalidScheduleError);
    const far = {
      to: someone(),
      body: 'Hi',
      scheduledFor: new Date(Date.now() + 400 * 86_400_000),
      ...urgent,
    };
    expect(await caught(client.enqueueMessage(far))).toBeInstanceOf(InvalidScheduleError);
  });

  test('cannot be left to a carrier that does not keep it until then', async () => {
    const scheduledFor = new Date(Date.now() + 60_000);
    const near = { to: someone(), body: 'Hi', carrierScheduling: true, scheduledFor, ...urgent };
    expect(await caught(client.enqueueMessage(near))).toBeInstanceOf(CarrierScheduleError);
  });
});

describe('a scheduled message', () => {
  const schedule = async () =>
    client.enqueueMessage({
      to: someone(),
      body: `Later ${randomUUID()}`,
      scheduledFor: tomorrow(),
      ...urgent,
    });

  test('waits, moves and is taken back', async () => {
    const { jobId, status } = await schedule();
    expect(status).toBe('scheduled');
    const later = new Date(Date.now() + 48 * 60 * 60 * 1000);
    expect(await client.reschedule(jobId, later)).toMatchObject({ jobId, status: 'scheduled' });
    const [moved] = await client.jobStatus(jobId);
    expect(moved?.status).toBe('scheduled');
    expect(Date.parse(moved?.dueAt ?? '')).toBeCloseTo(later.getTime(), -4);
    expect(await client.cancel(jobId)).toMatchObject([{ ok: true, jobId, status: 'cancelled' }]);
    expect(await client.jobStatus(jobId)).toMatchObject([{ jobId, status: 'cancelled' }]);
    expect(await caught(client.reschedule(jobId, later))).toBeInstanceOf(NotCancellableError);
  });

  test('belongs to its organization alone', async () => {
    const { jobId } = await schedule();
    const other = stack.accounts.find(({ organizationId }) => organizationId !== stack.organization.id);
    const stranger = clientOf(stack, { organizationId: other?.organizationId ?? '' });
    expect(await stranger.jobStatus(jobId)).toEqual([]);
    expect(await stranger.cancel(jobId)).toMatchObject([{ ok: false, code: 'TL001' }]);
    expect(await client.jobStatus(jobId)).toMatchObject([{ status: 'scheduled' }]);
  });
});

describe('a reminder', () => {
  test('of an appointment soon is on its way', async () => {
    const to = someone();
    const dueAt = new Date(Date.now() + 30 * 60 * 1000);
    await client.sendReminder({ to, body: 'In half an hour', dueAt, ...urgent });
    expect(await textsTo(stack, to)).toEqual(['In half an hour']);
  });
});

describe('a batch', () => {
  test('is kept whole, and the second time nothing is new', async () => {
    const run = randomUUID();
    const jobs = Array.from({ length: 2_500 }, (_, n) => ({
      to: `+1312${String(2_000_000 + n)}`,
      body: `Appointment ${n}`,
      scheduledFor: tomorrow(),
      idempotencyKey: `${run}-${n}`,
    }));
    const wrong = { to: '+13125550142', body: 'Hi', template: 'both' };
    const first = await client.enqueueBatch([...jobs, wrong]);
    expect(first).toMatchObject({ total: 2_501, accepted: 2_500, duplicates: 0, refused: 1 });
    expect(first.results.at(-1)).toMatchObject({ index: 2_500, outcome: 'refused', code: 'invalid_input' });
    const second = await client.enqueueBatch(jobs, { chunkSize: 10_000 });
    expect(second).toMatchObject({ total: 2_500, accepted: 0, duplicates: 2_500 });
    const ids = first.results.flatMap((result) => (result.outcome === 'refused' ? [] : [result.jobId]));
    expect((await client.cancel(ids)).every(({ ok }) => ok)).toBe(true);
  });
});

describe('who may', () => {
  test('not those without the secret key', async () => {
    const job = { to: someone(), body: 'Hi' };
    for (const secretKey of [stack.publishableKey, 'sb_secret_wrong']) {
      expect(await caught(clientOf(stack, { secretKey }).enqueueMessage(job))).toBeInstanceOf(
        AuthenticationError,
      );
    }
  });

  test('nor in the name of an organization that is not there', async () => {
    const nobody = clientOf(stack, { organizationId: randomUUID() });
    expect(await caught(nobody.enqueueMessage({ to: someone(), body: 'Hi' }))).toBeInstanceOf(
      NotPermittedError,
    );
  });
});

test('the example schedules each appointment of its file once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'threadline-appointments-'));
  const run = randomUUID();
  const startsAt = new Date(Date.now() + 72 * 60 * 60 * 1000).toISOString();
  const rows = ['1,Maria', '2,', '3,James'].map((row) => `${run}-${row},${someone()},${startsAt},Main St`);
  const file = join(folder, 'appointments.csv');
  await writeFile(file, ['id,first_name,phone_number,starts_at,clinic', ...rows].join('\n'));
  const example = async () =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '../examples/appointments.ts'), file], {
      env: {
        SUPABASE_URL: stack.apiUrl,
        SUPABASE_SECRET_KEY: stack.secretKey,
        ORGANIZATION_ID: stack.organization.id,
      },
    });
  expect((await example()).stdout).toContain('3 scheduled, 0 were there already, 0 refused');
  expect((await example()).stdout).toContain('0 scheduled, 3 were there already, 0 refused');
  await rm(folder, { recursive: true });
});
