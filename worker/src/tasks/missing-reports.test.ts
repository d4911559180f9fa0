import type { StatusOutcome, StatusRequest } from '@threadline/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MissingReport } from '../queue/shapes.ts';
import { FakeQueue, silentAccount, silentLog } from '../testing/fakes.ts';
import { createMissingReports } from './missing-reports.ts';
import type { Rounds } from './rounds.ts';

const running: Rounds[] = [];
afterEach(() => Promise.all(running.splice(0).map((rounds) => rounds.stop())));

function missing(number: number, changes: Partial<MissingReport> = {}): MissingReport {
  return {
    attempt_id: `attempt-${number}`,
    job_id: `job-${number}`,
    organization_id: 'organization-1',
    message_id: `message-${number}`,
    provider_account_id: 'account-1',
    provider: 'carrier',
    credentials_ref: 'main',
    provider_message_id: `SM${number}`,
    look_ups: 0,
    ...changes,
  };
}

function setUp(outcome: StatusOutcome, { isOpen = false, spacingMs = 0 } = {}) {
  const queue = new FakeQueue();
  const requests: StatusRequest[] = [];
  const decisions: string[] = [];
  const readStatus = async (request: StatusRequest) => {
    requests.push(request);
    return outcome;
  };
  const rounds = createMissingReports({
    queue,
    accounts: new Map([['main', { ...silentAccount, readStatus }]]),
    circuits: { isOpen: () => isOpen },
    http: async () => {
      throw new Error('the account is a fake');
    },
    everyMs: 2,
    spacingMs,
    log: silentLog,
    onAnswer: (decision) => decisions.push(decision),
  });
  running.push(rounds);
  return { queue, requests, decisions, rounds };
}

const delivered: StatusOutcome = {
  kind: 'known',
  providerStatus: 'delivered',
  status: 'delivered',
  providerCode: null,
  code: null,
};
const noAnswer: StatusOutcome = {
  kind: 'failed',
  code: 'no_answer',
  httpStatus: null,
  retryAfterSeconds: 30,
};

describe('missing reports', () => {
  it('are asked for by the carrier’s own id', async () => {
    const { queue, requests, decisions, rounds } = setUp(delivered);
    queue.unreported.push(missing(1));
    rounds.start();
    await vi.waitFor(() => expect(decisions).toEqual(['reported']));
    expect(requests).toMatchObject([{ providerMessageId: 'SM1' }]);
    expect(queue.answers).toEqual([
      {
        attemptId: 'attempt-1',
        answer: {
          kind: 'known',
          status: 'delivered',
          provider_status: 'delivered',
          error_code: null,
          error_text: null,
          retry: null,
        },
      },
    ]);
  });

  it('bring what a report would have brought: the reason, its words, and whether it may go again', async () => {
    const { queue, rounds } = setUp({
      kind: 'known',
      providerStatus: 'undelivered',
      status: 'undelivered',
      providerCode: '30003',
      code: 'handset_unreachable',
    });
    queue.unreported.push(missing(1));
    rounds.start();
    await vi.waitFor(() =>
      expect(queue.answers[0]?.answer).toMatchObject({
        status: 'undelivered',
        error_code: '30003',
        error_text: 'The phone is off or out of reach.',
        retry: { after_seconds: 14_400, times: 2 },
      }),
    );
  });

  it('are all asked for in one round, a batch at a time', async () => {
    const { queue, decisions, rounds } = setUp(delivered);
    queue.unreported.push(...Array.from({ length: 45 }, (_, number) => missing(number)));
    rounds.start();
    await vi.waitFor(() => expect(decisions).toHaveLength(45));
  });

  it('wait when the carrier does not answer, and so do those behind them', async () => {
    const { queue, requests, decisions, rounds } = setUp(noAnswer);
    queue.unreported.push(missing(1), missing(2));
    rounds.start();
    await vi.waitFor(() => expect(decisions).toEqual(['failed']));
    expect(queue.answers).toEqual([
      { attemptId: 'attempt-1', answer: { kind: 'failed', retry_after_seconds: 30 } },
    ]);
    expect(requests).toHaveLength(1);
  });

  it('are not asked for without credentials, or while the account is paused', async () => {
    for (const [changes, isOpen] of [
      [{ credentials_ref: 'gone' }, false],
      [{}, true],
    ] as const) {
      const { queue, requests, rounds } = setUp(delivered, { isOpen });
      queue.unreported.push(missing(1, changes));
      rounds.start();
      await vi.waitFor(() => expect(queue.answers[0]?.answer).toMatchObject({ kind: 'failed' }));
      expect(requests).toEqual([]);
    }
  });

  it('end when stopped, in the middle of a batch', async () => {
    const { queue, decisions, rounds } = setUp(delivered, { spacingMs: 60_000 });
    queue.unreported.push(missing(1), missing(2));
    rounds.start();
    await vi.waitFor(() => expect(decisions).toHaveLength(1));
    await rounds.stop();
    expect(decisions).toHaveLength(1);
  });

  it('are asked for again after a failure of the database', async () => {
    const { queue, decisions, rounds } = setUp(delivered);
    queue.failures.claimMissingReports = [new Error('gone')];
    queue.unreported.push(missing(1));
    rounds.start();
    await vi.waitFor(() => expect(decisions).toHaveLength(1));
  });
});
