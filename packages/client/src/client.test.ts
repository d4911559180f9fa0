import { describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import {
  AuthenticationError,
  InvalidInputError,
  NetworkError,
  NotCancellableError,
  RecipientOptedOutError,
  RefusedError,
  ServerError,
  TemplateVariableMissingError,
  ThreadlineError,
} from './errors.ts';
import { previewTemplate } from './preview.ts';
import { aJobId, fakeServer, keepEverything, organization } from './testing/fake-server.ts';

const to = '+13125550142';
const problem = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers });
const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => null).catch((e: unknown) => e);

describe('what a message becomes', () => {
  it('is one call with the secret key, in the words of the database', async () => {
    const { client, calls } = fakeServer(() => ({
      index: 0,
      outcome: 'accepted',
      job_id: aJobId,
      status: 'held',
      due_at: '2026-11-21T13:00:00Z',
      hold_reason: 'quiet_hours',
    }));
    const enqueued = await client.enqueueMessage({
      to,
      template: 'visit',
      variables: { first_name: 'Maria', visits: 2 },
      scheduledFor: new Date('2026-11-20T12:00:00Z'),
      sendBefore: '2026-11-21T12:00:00-05:00',
      idempotencyKey: 'visit-1',
      dedupeWindowSeconds: 0,
      maxRetries: 3,
      carrierScheduling: true,
      metadata: { source: 'test' },
    });
    expect(enqueued).toEqual({
      outcome: 'accepted',
      jobId: aJobId,
      status: 'held',
      dueAt: '2026-11-21T13:00:00Z',
      holdReason: 'quiet_hours',
      idempotencyKey: 'visit-1',
    });
    expect(calls.map(({ functionName, parameters }) => ({ functionName, parameters }))).toEqual([
      {
        functionName: 'enqueue_message',
        parameters: {
          p_organization_id: organization,
          p_job: {
            to,
            template: 'visit',
            variables: { first_name: 'Maria', visits: 2 },
            scheduled_for: '2026-11-20T12:00:00.000Z',
            send_before: '2026-11-21T12:00:00-05:00',
            idempotency_key: 'visit-1',
            dedupe_window_seconds: 0,
            max_retries: 3,
            carrier_scheduling: true,
            metadata: { source: 'test' },
          },
        },
      },
    ]);
    expect(calls[0]?.headers.get('apikey')).toBe('sb_secret_x');
    expect(calls[0]?.headers.get('authorization')).toBeNull();
  });

  it('carries a key of the older kind as a token too', async () => {
    const { client, calls } = fakeServer(keepEverything(), { secretKey: 'eyJhbGciOi.x.y' });
    await client.enqueueMessage({ to, body: 'Hi' });
    expect(calls[0]?.headers.get('authorization')).toBe('Bearer eyJhbGciOi.x.y');
  });

  it('names the appointment of a reminder', async () => {
    const { client, calls } = fakeServer(keepEverything());
    await client.sendReminder({ to, body: 'Hi', dueAt: new Date('2026-11-22T15:00:00Z') });
    expect(calls[0]).toMatchObject({
      functionName: 'send_reminder',
      parameters: { p_job: { due_at: '2026-11-22T15:00:00.000Z' } },
    });
  });
});

describe('input that cannot be right', () => {
  const { client, calls } = fakeServer(keepEverything());

  it.each([
    [{ to: '3125550142', body: 'Hi' }, 'to', /E\.164/],
    [{ body: 'Hi' }, 'to', /missing/],
    [{ to }, 'body', /body or a template/],
    [{ to, body: '' }, 'body', /empty/],
    [{ to, body: 'x'.repeat(1601) }, 'body', /1600/],
    [{ to, body: 'Hi', template: 'visit' }, 'template', /together/],
    [{ to, body: 'Hi', variables: { a: 1 } }, 'variables', /belong to a template/],
    [{ to, template: 'Visit!' }, 'template', /key of a template/],
    [{ to, body: 'Hi', scheduledFor: '2026-11-20T12:00:00' }, 'scheduledFor', /offset/],
    [{ to, body: 'Hi', scheduledFor: new Date(Number.NaN) }, 'scheduledFor', /Date/],
    [{ to, body: 'Hi', scheduledFor: new Date('+010000-01-01T00:00:00Z') }, 'scheduledFor', /Date/],
    [{ to, body: 'Hi', scheduledFor: '2026-11-20T12:00:00+16:00' }, 'scheduledFor', /offset/],
    [{ to, body: 'Hi', maxRetries: 21 }, 'maxRetries', /20/],
    [{ to, body: 'Hi', scheduleFor: new Date() }, 'scheduleFor', /not a field/],
    [{ to, body: 'Hi', idempotencyKey: 'k'.repeat(201) }, 'idempotencyKey', /200/],
    [{ to, body: 'Hi', priority: 'asap' }, 'priority', /urgent/],
    [{ to, template: 'visit', variables: { a: ['x'] } }, 'variables.a', /./],
    [{ to, body: 'Hi \0' }, 'body', /cannot be stored/],
    [{ to, body: 'Hi \ud83d' }, 'body', /cannot be stored/],
    [{ to, body: 'Hi', metadata: { a: ['\ude00'] } }, 'metadata', /stored/],
    [{ to, body: 'Hi', metadata: { n: 1n } }, 'metadata', /JSON/],
    [{ to, body: 'Hi', metadata: { a: 'x'.repeat(10_000) } }, 'metadata', /10,000/],
    ['Hi', '', /object/],
  ])('%# is refused before any call, with its place', async (job, path, message) => {
    const error = await caught(client.enqueueMessage(job as never));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).problems).toEqual([
      { path, message: expect.stringMatching(message) },
    ]);
    expect(calls).toEqual([]);
  });

  it('names every problem at once', async () => {
    const error = await caught(client.enqueueMessage({ to: 'x', body: '' }));
    expect((error as Error).message).toMatch(/^to must be .*; body must not be empty$/);
  });

  it('is looked for in ids, times and options too', async () => {
    await expect(client.cancel([])).rejects.toThrow(InvalidInputError);
    await expect(client.cancel('x')).rejects.toThrow(/UUID of a job/);
    await expect(client.reschedule(aJobId, 'tomorrow')).rejects.toThrow(
      /scheduledFor must be a Date, or a text/,
    );
    const endOfTime = new Date(8.64e15);
    await expect(client.reschedule(aJobId, endOfTime)).rejects.toThrow(
      /scheduledFor must be a Date, or a text/,
    );
    await expect(client.enqueueBatch([], { chunkSize: 10_001 })).rejects.toThrow(/10,000/);
    expect(() =>
      createClient({ supabaseUrl: 'project', secretKey: 'x', organizationId: organization }),
    ).toThrow(/supabaseUrl must be/);
    expect(calls).toEqual([]);
  });
});

describe('a refusal', () => {
  it('is an error of the class of its code', async () => {
    const { client } = fakeServer(() => ({
      index: 0,
      outcome: 'refused',
      code: 'TL103',
      message: 'Opted out',
    }));
    const error = await caught(client.enqueueMessage({ to, body: 'Hi' }));
    expect(error).toBeInstanceOf(RecipientOptedOutError);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toBeInstanceOf(ThreadlineError);
    expect(error).toMatchObject({ code: 'TL103', message: 'Opted out', name: 'RecipientOptedOutError' });
  });

  it('names what a template misses, from a result and from an error of the API', async () => {
    const refusal = { code: 'TL111', message: 'Missing', details: { names: ['a', 'b'] } };
    const fromResult = fakeServer(() => ({ index: 0, outcome: 'refused', ...refusal }));
    const fromApi = fakeServer(() => problem(400, { ...refusal, details: JSON.stringify(refusal.details) }));
    for (const { client } of [fromResult, fromApi]) {
      const error = await caught(client.enqueueMessage({ to, template: 'visit' }));
      expect(error).toBeInstanceOf(TemplateVariableMissingError);
      expect((error as TemplateVariableMissingError).names).toEqual(['a', 'b']);
    }
  });

  it('with a code of a later version is still a refusal', async () => {
    const { client, calls } = fakeServer(() => problem(400, { code: 'TL999', message: 'New' }));
    expect(await caught(client.enqueueMessage({ to, body: 'Hi' }))).toMatchObject({ code: 'TL999' });
    expect(calls).toHaveLength(1);
  });
});

describe('a call that fails', () => {
  it('is made again with the same key, and its own first try is no duplicate', async () => {
    const keep = keepEverything();
    const { client, calls } = fakeServer((call, n) => {
      const answer = keep(call);
      return n < 3 ? new TypeError('socket hang up') : answer;
    });
    expect(await client.enqueueMessage({ to, body: 'Hi' })).toMatchObject({ outcome: 'accepted' });
    const keys = calls.map(
      ({ parameters }) => (parameters['p_job'] as { idempotency_key: string }).idempotency_key,
    );
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('reports a duplicate of a key the caller chose, however often it was tried', async () => {
    const keep = keepEverything();
    const { client } = fakeServer((call, n) => (n === 2 ? new TypeError('lost') : keep(call)));
    const job = { to, body: 'Hi', idempotencyKey: 'mine' };
    expect(await client.enqueueMessage(job)).toMatchObject({ outcome: 'accepted' });
    expect(await client.enqueueMessage(job)).toMatchObject({ outcome: 'duplicate' });
  });

  it.each([
    ['no connection', () => new TypeError('fetch failed'), null],
    ['an overloaded server', () => problem(503, { message: 'busy' }), 503],
    ['too many requests', () => problem(429, {}, { 'retry-after': '0' }), 429],
    ['an answer that is no JSON', () => new Response('<html>'), 200],
  ])('gives up in the end: %s', async (_what, answer, status) => {
    const { client, calls } = fakeServer(answer, { retries: 2 });
    const error = await caught(client.enqueueMessage({ to, body: 'Hi' }));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ retryable: true, status });
    expect(calls).toHaveLength(3);
  });

  it('is not made again when nothing would change', async () => {
    const wrongKey = fakeServer(() => problem(401, { message: 'Invalid API key' }));
    expect(await caught(wrongKey.client.enqueueMessage({ to, body: 'Hi' }))).toBeInstanceOf(
      AuthenticationError,
    );
    expect(wrongKey.calls).toHaveLength(1);
    const noFunction = fakeServer(() => problem(404, { code: 'PGRST202', message: 'not found' }));
    const error = await caught(noFunction.client.enqueueMessage({ to, body: 'Hi' }));
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: 'PGRST202', message: expect.stringMatching(/migrations/) });
    expect(noFunction.calls).toHaveLength(1);
  });

  it('waits for its own first try that is still at work in the database', async () => {
    const keep = keepEverything();
    const { client, calls } = fakeServer((call, n) =>
      n === 1 ? problem(409, { code: '23505', message: 'duplicate key value' }) : keep(call),
    );
    expect(await client.enqueueMessage({ to, body: 'Hi' })).toMatchObject({ outcome: 'accepted' });
    expect(calls).toHaveLength(2);
  });

  it('never shows the secret key', async () => {
    const { client } = fakeServer(() => new TypeError('fetch failed'), { retries: 0 });
    const error = await caught(client.enqueueMessage({ to, body: 'Hi' }));
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('sb_secret_x');
  });

  it('stops at the signal, with its reason', async () => {
    const stop = new AbortController();
    const { client, calls } = fakeServer(() => {
      stop.abort(new Error('enough'));
      return new TypeError('lost');
    });
    await expect(client.enqueueMessage({ to, body: 'Hi' }, stop)).rejects.toThrow('enough');
    expect(calls).toHaveLength(1);
  });

  it('ends when no answer comes', async () => {
    const { client } = fakeServer(async () => new Promise((resolve) => setTimeout(resolve, 50)), {
      timeoutMs: 5,
      retries: 0,
    });
    await expect(client.enqueueMessage({ to, body: 'Hi' })).rejects.toThrow(/no answer within 0.005 s/);
  });
});

describe('jobs that are there', () => {
  it('are cancelled, rescheduled, sent again and looked up', async () => {
    const object = {
      job_id: aJobId,
      status: 'scheduled',
      due_at: '2026-11-22T15:00:00Z',
      to,
      retry_count: 0,
    };
    const { client, calls } = fakeServer(({ functionName }) => {
      if (functionName === 'cancel_jobs')
        return [{ job_id: aJobId, outcome: 'cancelled', status: 'cancelled' }];
      if (functionName === 'retry_failed')
        return [{ ...object, index: 0, outcome: 'accepted', retry_of: 'old' }];
      if (functionName === 'reschedule_job') return object;
      return [object, { job_id: organization, code: 'TL001', message: 'There is no such job' }];
    });
    const status = {
      jobId: aJobId,
      status: 'scheduled',
      dueAt: '2026-11-22T15:00:00Z',
      holdReason: null,
      details: object,
    };
    expect(await client.cancel(aJobId)).toEqual([
      { jobId: aJobId, ok: true, pending: false, status: 'cancelled', code: null, message: null },
    ]);
    expect(await client.retryFailed([aJobId])).toMatchObject([
      { retryOf: 'old', outcome: 'accepted', jobId: aJobId },
    ]);
    expect(await client.reschedule(aJobId, new Date('2026-11-22T15:00:00Z'))).toEqual(status);
    expect(await client.jobStatus([aJobId, organization])).toEqual([status]);
    expect(calls.map(({ functionName, parameters }) => [functionName, Object.keys(parameters)])).toEqual([
      ['cancel_jobs', ['p_organization_id', 'p_job_ids']],
      ['retry_failed', ['p_organization_id', 'p_job_ids']],
      ['reschedule_job', ['p_organization_id', 'p_job_id', 'p_scheduled_for']],
      ['job_status', ['p_organization_id', 'p_job_ids']],
    ]);
  });

  it('that waits at the carrier is cancelled when the carrier says so', async () => {
    const { client } = fakeServer(() => [
      { job_id: aJobId, outcome: 'requested', status: 'at_carrier', message: 'The carrier is asked' },
      { job_id: organization, outcome: 'cancelled', status: 'cancelled' },
    ]);
    expect(await client.cancel([aJobId, organization])).toMatchObject([
      { ok: true, pending: true, status: 'at_carrier' },
      { ok: true, pending: false, status: 'cancelled' },
    ]);
  });

  it('may be past changing, each for a reason of its own', async () => {
    const { client } = fakeServer(({ functionName }) => {
      if (functionName === 'reschedule_job') return problem(400, { code: 'TL114', message: 'Too late' });
      const refused = {
        outcome: 'refused',
        code: functionName === 'cancel_jobs' ? 'TL114' : 'TL115',
        message: 'No',
      };
      return [{ ...refused, job_id: aJobId, retry_of: aJobId }];
    });
    expect(await client.cancel(aJobId)).toMatchObject([{ ok: false, code: 'TL114' }]);
    expect(await client.retryFailed(aJobId)).toMatchObject([
      { retryOf: aJobId, outcome: 'refused', code: 'TL115' },
    ]);
    expect(await caught(client.reschedule(aJobId, new Date()))).toBeInstanceOf(NotCancellableError);
  });
});

describe('a preview', () => {
  it('renders here, and counts what the carrier will bill', () => {
    expect(previewTemplate('Hi {{ name | default: "there" }}', {})).toEqual({
      ok: true,
      text: 'Hi there',
      segments: 1,
    });
    expect(previewTemplate('Hi {{ name }}')).toEqual({ ok: false, missing: ['name'], problems: [] });
  });
});
