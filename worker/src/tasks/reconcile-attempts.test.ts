import { createHash } from 'node:crypto';
import type { LookUpOutcome, LookUpRequest } from '@threadline/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UnknownAttempt } from '../queue/shapes.ts';
import { FakeQueue, silentAccount, silentLog } from '../testing/fakes.ts';
import { createReconciliation } from './reconcile-attempts.ts';
import type { Rounds } from './rounds.ts';

const running: Rounds[] = [];

afterEach(async () => {
  for (const task of running.splice(0)) await task.stop();
});

function unknownAttempt(changes: Partial<UnknownAttempt> = {}): UnknownAttempt {
  return {
    attempt_id: 'attempt-1',
    job_id: 'job-1',
    organization_id: 'organization-1',
    message_id: 'message-1',
    provider_account_id: 'account-1',
    provider: 'carrier',
    credentials_ref: 'main',
    from: '+17735550002',
    to: '+13125550001',
    body: 'was it sent?',
    messaging_service_sid: null,
    started_at: new Date('2026-11-20T10:00:00Z'),
    finished_at: new Date('2026-11-20T10:00:20Z'),
    look_ups: 1,
    known_provider_message_ids: ['SM9'],
    ...changes,
  };
}

function setUp(outcome: LookUpOutcome, isOpen = false) {
  const queue = new FakeQueue();
  const requests: LookUpRequest[] = [];
  const lookUp = async (request: LookUpRequest) => {
    requests.push(request);
    return outcome;
  };
  const task = createReconciliation({
    queue,
    accounts: new Map([['main', { ...silentAccount, lookUp }]]),
    circuits: { isOpen: () => isOpen },
    http: async () => {
      throw new Error('the account is a fake');
    },
    everyMs: 2,
    log: silentLog,
    onLookedUp: () => undefined,
  });
  running.push(task);
  return { queue, requests, task };
}

const found: LookUpOutcome = {
  kind: 'found',
  providerMessageId: 'SM1',
  providerStatus: 'delivered',
  status: 'delivered',
  segments: 1,
  providerCode: null,
  code: null,
};

describe('reconciling attempts of unknown end', () => {
  it('searches the carrier’s log for exactly what was offered, and reports what it found', async () => {
    const { queue, requests, task } = setUp(found);
    queue.unknown.push(unknownAttempt());
    task.start();
    await vi.waitFor(() => expect(queue.resolved).toHaveLength(1));
    expect(requests[0]).toMatchObject({
      attemptId: 'attempt-1',
      from: '+17735550002',
      to: '+13125550001',
      bodySha256: createHash('sha256').update('was it sent?').digest('hex'),
      startedAt: new Date('2026-11-20T10:00:00Z'),
      timeoutMs: 20_000,
      knownProviderMessageIds: new Set(['SM9']),
    });
    expect(queue.resolved).toEqual([
      {
        attemptId: 'attempt-1',
        result: {
          kind: 'found',
          provider_message_id: 'SM1',
          provider_status: 'delivered',
          status: 'delivered',
        },
      },
    ]);
  });

  it('takes a message of a status it does not know as sent', async () => {
    const { queue, task } = setUp({ ...found, providerStatus: 'teleported', status: null });
    queue.unknown.push(unknownAttempt());
    task.start();
    await vi.waitFor(() =>
      expect(queue.resolved[0]?.result).toMatchObject({ kind: 'found', status: 'sent' }),
    );
  });

  it('passes on why a message did not arrive', async () => {
    const ended = { providerStatus: 'undelivered', status: 'undelivered', providerCode: '30007' } as const;
    const { queue, task } = setUp({ ...found, ...ended, code: 'content_filtered' });
    queue.unknown.push(unknownAttempt());
    task.start();
    await vi.waitFor(() =>
      expect(queue.resolved[0]?.result).toMatchObject({
        status: 'undelivered',
        error_code: '30007',
        error_text: 'The carrier filtered this message. Change the wording.',
      }),
    );
  });

  it.each<[LookUpOutcome]>([
    [{ kind: 'none' }],
    [{ kind: 'ambiguous', candidates: ['SM1', 'SM2'] }],
    [{ kind: 'failed', code: 'throttled', httpStatus: 429, retryAfterSeconds: null }],
  ])('reports %j and leaves the decision to the database', async (outcome) => {
    const { queue, task } = setUp(outcome);
    queue.unknown.push(unknownAttempt());
    task.start();
    await vi.waitFor(() =>
      expect(queue.resolved.map(({ result }) => result)).toEqual([{ kind: outcome.kind }]),
    );
  });

  it('asks nobody without credentials, or while the account is paused', async () => {
    for (const [changes, isOpen] of [
      [{ credentials_ref: 'gone' }, false],
      [{}, true],
    ] as const) {
      const { queue, requests, task } = setUp(found, isOpen);
      queue.unknown.push(unknownAttempt(changes));
      task.start();
      await vi.waitFor(() => expect(queue.resolved[0]?.result).toEqual({ kind: 'failed' }));
      expect(requests).toEqual([]);
    }
  });

  it('goes on after a failure of the database', async () => {
    const { queue, task } = setUp(found);
    queue.failures.claimUnknown = [new Error('gone')];
    queue.unknown.push(unknownAttempt());
    task.start();
    await vi.waitFor(() => expect(queue.resolved).toHaveLength(1));
  });
});
