import type { SendErrorCode, SendOutcome } from '@threadline/providers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeQueue, silentLog } from '../testing/fakes.ts';
import { Circuits } from './circuits.ts';
import { troubleOf } from './trouble.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const accepted: SendOutcome = {
  kind: 'accepted',
  providerMessageId: 'SM1',
  providerStatus: 'queued',
  segments: 1,
  httpStatus: 201,
};
const noAnswer: SendOutcome = { kind: 'unknown', code: 'no_answer', httpStatus: 503 };
const refused = (code: SendErrorCode, retryAfterSeconds: number | null = null): SendOutcome => ({
  kind: 'not_sent',
  code,
  providerCode: null,
  httpStatus: 400,
  retryAfterSeconds,
});
const still = new AbortController().signal;

function setUp() {
  const queue = new FakeQueue();
  const circuits = new Circuits({ queue, log: silentLog });
  let calls = 0;
  /** A call by a job claimed just now. */
  const call = async (
    outcome: SendOutcome,
    changes: { account?: string; isProbe?: boolean; claimedAt?: number } = {},
  ) => {
    const { account = 'a', isProbe = false, claimedAt = performance.now() } = changes;
    const result = await circuits.run(
      { provider_account_id: account, is_probe: isProbe, claimed_at: claimedAt },
      async () => {
        calls += 1;
        return outcome;
      },
      still,
    );
    await vi.advanceTimersByTimeAsync(1);
    return result;
  };
  return { queue, circuits, call, calls: () => calls };
}

describe('a circuit', () => {
  it('lets refusals of messages through without end', async () => {
    const { call, queue } = setUp();
    for (let index = 0; index < 50; index += 1) await call(refused('recipient_invalid'));
    for (let index = 0; index < 50; index += 1)
      await call({ ...refused('throttled'), kind: 'later' } as SendOutcome);
    expect(queue.reports).toEqual([]);
    expect(await call(accepted)).toEqual(accepted);
  });

  it('opens at once when sign-in fails, tells the database, and uses up no try of the message', async () => {
    const { call, queue, calls } = setUp();
    const claimedBefore = performance.now() - 10;
    expect(await call(refused('account_unauthorized'))).toMatchObject({
      kind: 'later',
      retryAfterSeconds: 60,
    });
    expect(queue.reports).toEqual([
      { account: 'a', event: { kind: 'paused', reason: 'account_unauthorized', seconds: 60 } },
    ]);
    expect(await call(accepted, { claimedAt: claimedBefore })).toBeNull();
    expect(calls()).toBe(1);
  });

  it('leaves other accounts untouched', async () => {
    const { call } = setUp();
    await call(refused('account_suspended'));
    expect(await call(accepted, { account: 'b' })).toEqual(accepted);
  });

  it('pauses for as long as the carrier asks when a daily limit is reached', async () => {
    const { call, queue } = setUp();
    await call({ ...refused('daily_limit_reached', 7_200), kind: 'later' } as SendOutcome);
    expect(queue.reports[0]?.event).toEqual({
      kind: 'paused',
      reason: 'daily_limit_reached',
      seconds: 7_200,
    });
  });

  it('opens when most calls of a while get no answer, not when a few do', async () => {
    const few = setUp();
    for (let index = 0; index < 40; index += 1) await few.call(index % 3 === 0 ? noAnswer : accepted);
    expect(few.queue.reports).toEqual([]);
    const most = setUp();
    for (let index = 0; index < 7; index += 1) await most.call(noAnswer);
    expect(most.queue.reports).toEqual([]);
    await most.call(noAnswer);
    expect(most.queue.reports[0]?.event).toEqual({ kind: 'paused', reason: 'no_answer', seconds: 5 });
  });

  it('probes with one call after its pause, and closes when that is answered', async () => {
    const { call, queue, circuits } = setUp();
    await call(refused('account_unauthorized'));
    await vi.advanceTimersByTimeAsync(60_000);
    const { promise, resolve } = Promise.withResolvers<SendOutcome>();
    const probe = circuits.run(
      { provider_account_id: 'a', is_probe: true, claimed_at: -Infinity },
      () => promise,
      still,
    );
    expect(circuits.conditions.get('a')).toBe('probing');
    expect(await call(accepted, { claimedAt: -Infinity })).toBeNull();
    resolve(accepted);
    expect(await probe).toEqual(accepted);
    await vi.advanceTimersByTimeAsync(1);
    expect(queue.reports.at(-1)).toEqual({ account: 'a', event: { kind: 'resumed' } });
    expect(circuits.conditions.get('a')).toBe('closed');
  });

  it('pauses for longer after every probe that fails, up to a limit', async () => {
    const { call, queue } = setUp();
    await call(refused('account_unauthorized'));
    for (let index = 0; index < 6; index += 1) {
      await vi.advanceTimersByTimeAsync(900_000);
      expect(await call(refused('account_unauthorized'), { isProbe: true })).toMatchObject({ kind: 'later' });
    }
    const pauses = queue.reports.map(({ event }) => (event.kind === 'paused' ? event.seconds : 0));
    expect(pauses).toEqual([60, 120, 240, 480, 900, 900, 900]);
  });

  it('excuses no failure of a probe, though this worker knew of no trouble', async () => {
    const { call, queue } = setUp();
    await call(noAnswer, { isProbe: true });
    expect(queue.reports[0]?.event).toMatchObject({ kind: 'paused', reason: 'no_answer' });
  });

  it('reports that an account works which another worker had found in trouble', async () => {
    const { call, queue } = setUp();
    await call(accepted, { isProbe: true });
    expect(queue.reports).toEqual([{ account: 'a', event: { kind: 'resumed' } }]);
  });

  it('obeys the database, which hands a job out because another worker saw the account work', async () => {
    const { call } = setUp();
    await call(refused('account_suspended'));
    expect(await call(accepted)).toEqual(accepted);
  });

  it('answers for a held job only once the database knows of the pause', async () => {
    vi.useRealTimers();
    const { circuits, queue } = setUp();
    queue.failures.reportAccount = [new Error('gone'), new Error('gone')];
    const job = { provider_account_id: 'a', is_probe: false, claimed_at: -Infinity };
    await circuits.run(job, async () => refused('account_unauthorized'), still);
    expect(await circuits.run(job, async () => accepted, still)).toBeNull();
    expect(queue.reports).toHaveLength(1);
  });

  it('does not hold against a carrier what we broke off ourselves', async () => {
    const { circuits, queue } = setUp();
    const job = { provider_account_id: 'a', is_probe: true, claimed_at: 0 };
    await circuits.run(job, async () => noAnswer, AbortSignal.abort());
    expect(queue.reports).toEqual([]);
  });

  it('is not misled by a clock that is wrong by minutes', async () => {
    const { call, queue } = setUp();
    vi.setSystemTime(Date.now() + 10 * 60_000);
    await call(refused('account_unauthorized'));
    vi.setSystemTime(Date.now() - 20 * 60_000);
    // By our clock the pause has long to go; the database says it is over, and hands out a probe.
    expect(await call(accepted, { isProbe: true })).toEqual(accepted);
    await vi.advanceTimersByTimeAsync(1);
    expect(queue.reports.at(-1)?.event).toEqual({ kind: 'resumed' });
  });
});

describe('trouble', () => {
  it.each<[SendErrorCode]>([
    ['sender_unregistered'],
    ['destination_disabled'],
    ['recipient_unverified'],
    ['throttled'],
  ])('is not what concerns one sender, country or recipient, or the pace: %s', (code) =>
    expect(troubleOf(refused(code))).toBeNull(),
  );
});
