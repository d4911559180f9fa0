import { describe, expect, it } from 'vitest';
import { HttpFailure } from '../http-client.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import type { CancelOutcome, ProviderAccount, SendRequest } from '../provider.ts';
import type { ScheduleWindow } from '../schedule-window.ts';
import { cannedCarrier } from './carriers.ts';

export interface CancelSample {
  readonly label: string;
  readonly reply: HttpReply;
  readonly outcome: CancelOutcome;
  readonly asks?: (request: HttpRequest) => void;
}

interface Samples {
  readonly account: ProviderAccount;
  readonly sampleSend: SendRequest;
  readonly now: number;
  readonly acceptedReply: HttpReply;
  readonly secrets: readonly string[];
  readonly scheduling: { readonly request: Partial<SendRequest>; readonly window: ScheduleWindow };
  readonly cancels: readonly CancelSample[];
}

const cancelRequest = { providerMessageId: 'message-1', timeoutMs: 5000 };

/** The rules of leaving the waiting to the carrier. */
export function describeScheduling(samples: Samples): void {
  describe('scheduling at the carrier', () => {
    describeWindow(samples);
    describeCancelling(samples);
  });
}

function describeWindow({ account, sampleSend, now, acceptedReply, scheduling }: Samples): void {
  const { leastMs, mostMs } = scheduling.window;
  const schedule = async (leadMs: number) => {
    const carrier = cannedCarrier(acceptedReply);
    const scheduleAt = new Date(now + leadMs);
    const outcome = await account.send({ ...sampleSend, ...scheduling.request, scheduleAt }, carrier.http);
    return { outcome, requests: carrier.requests, scheduleAt };
  };

  it.each([leastMs + 1000, 3_600_000, mostMs])('is asked for %i ms ahead, to the second', async (leadMs) => {
    const { outcome, requests, scheduleAt } = await schedule(leadMs);
    expect(outcome.kind).toBe('accepted');
    const wholeSecond = scheduleAt.toISOString().replace(/\.\d+Z$/, 'Z');
    expect(decodeURIComponent(requests[0]?.body ?? '')).toContain(wholeSecond);
  });

  it.each([leastMs, 0, -60_000, mostMs + 1, Number.NaN])(
    'is refused %d ms ahead, and the carrier is not asked',
    async (leadMs) => {
      const { outcome, requests } = await schedule(leadMs);
      expect(outcome).toMatchObject({ kind: 'not_sent', code: 'schedule_not_possible', httpStatus: null });
      expect(requests).toEqual([]);
    },
  );

  it('is not asked for where no time is given', async () => {
    const now = cannedCarrier(acceptedReply);
    const never = cannedCarrier(acceptedReply);
    await account.send(sampleSend, now.http);
    await account.send({ ...sampleSend, scheduleAt: null }, never.http);
    expect(never.requests).toEqual(now.requests);
  });
}

function describeCancelling({ account, cancels, secrets }: Samples): void {
  const cancel = (answer: HttpReply | Error) =>
    account.cancelScheduled(cancelRequest, cannedCarrier(answer).http);

  it.each(cancels)('cancel: $label', async ({ reply, outcome, asks }) => {
    const carrier = cannedCarrier(reply);
    expect(await account.cancelScheduled(cancelRequest, carrier.http)).toEqual(outcome);
    expect(carrier.requests).toHaveLength(1);
    const [request] = carrier.requests;
    if (request === undefined) return;
    expect(request.timeoutMs).toBe(cancelRequest.timeoutMs);
    for (const secret of secrets) expect(request.url).not.toContain(secret);
    asks?.(request);
  });

  it('names a message by its id and nothing else', async () => {
    const carrier = cannedCarrier({ status: 404, headers: {}, text: '' });
    await account.cancelScheduled({ ...cancelRequest, providerMessageId: '../x?y=1#z' }, carrier.http);
    expect(carrier.requests[0]?.url).toContain('/..%2Fx%3Fy%3D1%23z');
  });

  it.each([
    ['a time-out', new HttpFailure({ requestWritten: true, reason: 'timeout' }), 'no_answer'],
    ['a refused connection', new HttpFailure({ requestWritten: false, reason: 'connect' }), 'no_answer'],
    [
      'a stop of ours',
      new HttpFailure({ requestWritten: false, reason: 'aborted' }),
      'stopped_before_sending',
    ],
    ['an error nobody foresaw', new TypeError('unforeseen'), 'no_answer'],
    ['a failure of the carrier', { status: 503, headers: {}, text: '' }, 'no_answer'],
    ['an answer that cannot be read', { status: 200, headers: {}, text: '<html>' }, 'unreadable_answer'],
    ['an answer that cancels nothing', { status: 200, headers: {}, text: '{}' }, 'unreadable_answer'],
    ['a refusal without a reason', { status: 400, headers: {}, text: '<html>' }, 'rejected'],
  ] as const)('cancelling may be tried again after %s', async (_label, answer, code) => {
    expect(await cancel(answer)).toMatchObject({ kind: 'failed', code });
  });

  it('cancelling waits as long as it is told to', async () => {
    const throttled = { status: 429, headers: { 'retry-after': '7' }, text: '' };
    expect(await cancel(throttled)).toEqual({
      kind: 'failed',
      code: 'throttled',
      httpStatus: 429,
      retryAfterSeconds: 7,
    });
  });
}
