import type { CancelOutcome, DeliveryStatus, StatusOutcome } from '@threadline/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WantedRecall } from '../queue/shapes.ts';
import { FakeQueue, silentAccount, silentLog } from '../testing/fakes.ts';
import { Recalls } from './recall-messages.ts';

const running: Recalls[] = [];

afterEach(async () => {
  for (const task of running.splice(0)) await task.stop();
});

function wanted(changes: Partial<WantedRecall> = {}): WantedRecall {
  return {
    recall_id: 'recall-1',
    reason: 'opted_out',
    tries: 1,
    job_id: 'job-1',
    attempt_id: 'attempt-1',
    organization_id: 'organization-1',
    message_id: 'message-1',
    provider_account_id: 'account-1',
    provider: 'carrier',
    credentials_ref: 'main',
    provider_message_id: 'SM1',
    ...changes,
  };
}

function known(providerStatus: string, status: DeliveryStatus | null): StatusOutcome {
  return { kind: 'known', providerStatus, status, providerCode: null, code: null };
}

const gone = known('delivered', 'delivered');

function setUp(cancel: CancelOutcome | 'never', status: StatusOutcome = gone, isOpen = false) {
  const queue = new FakeQueue();
  const asked: string[] = [];
  const answered: string[] = [];
  const account = {
    ...silentAccount,
    cancelScheduled: async (request: { providerMessageId: string; signal?: AbortSignal }) => {
      asked.push(`cancel ${request.providerMessageId}`);
      if (cancel !== 'never') return cancel;
      await new Promise((resolve) => request.signal?.addEventListener('abort', resolve));
      return failure('no_answer');
    },
    readStatus: async (request: { providerMessageId: string }) => {
      asked.push(`status ${request.providerMessageId}`);
      return status;
    },
  };
  const task = new Recalls({
    queue,
    accounts: new Map([['main', account]]),
    circuits: { isOpen: () => isOpen },
    http: async () => {
      throw new Error('the account is a fake');
    },
    pollIntervalMs: 60_000,
    log: silentLog,
    onAnswered: (result) => void answered.push(result),
  });
  running.push(task);
  return { queue, asked, answered, task };
}

function failure(code: 'no_answer' | 'throttled', retryAfterSeconds: number | null = null) {
  return { kind: 'failed', code, httpStatus: code === 'throttled' ? 429 : null, retryAfterSeconds } as const;
}

const tooLate: CancelOutcome = {
  kind: 'refused',
  code: 'too_late_to_cancel',
  providerCode: '30409',
  httpStatus: 400,
};

/** What the database is told when the carrier answers so. */
async function resultOf(cancel: CancelOutcome, status?: StatusOutcome) {
  const { queue, asked, answered, task } = setUp(cancel, status);
  queue.recalls.push(wanted());
  task.start();
  await vi.waitFor(() => expect(queue.recalled).toHaveLength(1));
  expect(answered).toEqual([queue.recalled[0]?.result.kind]);
  return { result: queue.recalled[0]?.result, asked };
}

describe('taking back what waits at a carrier', () => {
  it('reports what the carrier cancelled', async () => {
    const { result, asked } = await resultOf({
      kind: 'cancelled',
      providerStatus: 'canceled',
      httpStatus: 200,
    });
    expect(result).toEqual({ kind: 'cancelled', provider_status: 'canceled', http_status: 200 });
    expect(asked).toEqual(['cancel SM1']);
  });

  it('asks where a message stands that cannot be cancelled, and reports that', async () => {
    const { result, asked } = await resultOf(tooLate);
    expect(result).toEqual({
      kind: 'too_late',
      provider_status: 'delivered',
      status: 'delivered',
      error_code: '30409',
    });
    expect(asked).toEqual(['cancel SM1', 'status SM1']);
  });

  it('knows its own work again when an earlier answer was lost', async () => {
    const { result } = await resultOf(tooLate, known('canceled', 'cancelled'));
    expect(result).toMatchObject({ kind: 'cancelled', provider_status: 'canceled' });
  });

  it('takes a status it does not know for gone', async () => {
    const { result } = await resultOf(tooLate, known('teleported', null));
    expect(result).toMatchObject({ kind: 'too_late', status: 'sent', provider_status: 'teleported' });
  });

  it('says so when the carrier does not know the message', async () => {
    const unknown: CancelOutcome = { ...tooLate, code: 'rejected', providerCode: '20404', httpStatus: 404 };
    const { result } = await resultOf(unknown, { kind: 'gone' });
    expect(result).toEqual({ kind: 'not_found', error_code: '20404' });
  });

  it.each([
    ['no answer', failure('no_answer'), gone],
    ['a carrier that is throttling', failure('throttled', 9), gone],
    ['a refusal, and no answer to the question after it', tooLate, failure('throttled', 9)],
  ] as const)('comes to no conclusion after %s', async (_label, cancel, status) => {
    const { result } = await resultOf(cancel, status);
    expect(result).toMatchObject({ kind: 'failed' });
    if (cancel.kind === 'failed') expect(result?.retry_after_seconds).toBe(cancel.retryAfterSeconds);
  });

  it('asks nobody without credentials, or while the account is paused', async () => {
    for (const [changes, isOpen] of [
      [{ credentials_ref: 'gone' }, false],
      [{ provider: 'another' }, false],
      [{}, true],
    ] as const) {
      const { queue, asked, task } = setUp(tooLate, gone, isOpen);
      queue.recalls.push(wanted(changes));
      task.start();
      await vi.waitFor(() => expect(queue.recalled[0]?.result).toMatchObject({ kind: 'failed' }));
      expect(asked).toEqual([]);
    }
  });

  it('writes its answer again when the database was away', async () => {
    const { queue, asked, task } = setUp(tooLate);
    queue.failures.claimRecalls = [new Error('gone')];
    queue.failures.resolveRecall = [new Error('gone')];
    queue.recalls.push(wanted());
    task.start();
    await vi.waitFor(() => expect(queue.recalled).toHaveLength(1));
    expect(asked).toEqual(['cancel SM1', 'status SM1']);
  });

  it('looks when it is told to', async () => {
    const { queue, task } = setUp(tooLate);
    task.start();
    await vi.waitFor(() => expect(queue.calls).toContain('claimRecalls'));
    queue.recalls.push(wanted());
    task.look();
    await vi.waitFor(() => expect(queue.recalled).toHaveLength(1));
  });

  it('reports nothing of what a stop of its own broke off', async () => {
    const { queue, asked, task } = setUp('never');
    queue.recalls.push(wanted());
    task.start();
    await vi.waitFor(() => expect(asked).toEqual(['cancel SM1']));
    await task.stop();
    expect(queue.recalled).toEqual([]);
  });
});
