import { describe, expect, it } from 'vitest';
import { HttpFailure } from '../http-client.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import type { ProviderAccount, StatusOutcome } from '../provider.ts';
import { cannedCarrier } from './carriers.ts';

export interface StatusSample {
  readonly label: string;
  readonly reply: HttpReply;
  readonly outcome: StatusOutcome;
  readonly asks?: (request: HttpRequest) => void;
}

interface Samples {
  readonly account: ProviderAccount;
  readonly secrets: readonly string[];
  /** The message whose status the samples are about. */
  readonly statusOf: string;
  readonly statuses: readonly StatusSample[];
}

/** The rules of asking where a message stands of which no report came. */
export function describeReadingStatus({ account, secrets, statusOf, statuses }: Samples): void {
  const request = { providerMessageId: statusOf, timeoutMs: 5000 };
  const read = (answer: HttpReply | Error) => account.readStatus(request, cannedCarrier(answer).http);

  describe('asking where a message stands', () => {
    it.each(statuses)('$label', async ({ reply, outcome, asks }) => {
      const carrier = cannedCarrier(reply);
      expect(await account.readStatus(request, carrier.http)).toEqual(outcome);
      expect(carrier.requests).toHaveLength(1);
      const [asked] = carrier.requests;
      if (asked === undefined) return;
      expect(asked).toMatchObject({ method: 'GET', timeoutMs: request.timeoutMs });
      expect(asked.url).toContain(statusOf);
      for (const secret of secrets) expect(asked.url).not.toContain(secret);
      asks?.(asked);
    });

    it('names a message by its id and nothing else', async () => {
      const carrier = cannedCarrier({ status: 404, headers: {}, text: '' });
      await account.readStatus({ ...request, providerMessageId: '../x?y=1#z' }, carrier.http);
      expect(carrier.requests[0]?.url).toContain('/..%2Fx%3Fy%3D1%23z');
    });

    it('believes nothing that is said of another message', async () => {
      const carrier = cannedCarrier(statuses[0]?.reply ?? new Error('the samples have no status'));
      const outcome = await account.readStatus({ ...request, providerMessageId: 'another' }, carrier.http);
      expect(outcome).toMatchObject({ kind: 'failed', code: 'unreadable_answer' });
    });

    it.each([
      ['a time-out', new HttpFailure({ requestWritten: true, reason: 'timeout' })],
      ['a refused connection', new HttpFailure({ requestWritten: false, reason: 'connect' })],
      ['an error nobody foresaw', new TypeError('unforeseen')],
      ['a failure of the carrier', { status: 503, headers: {}, text: '' }],
      ['an answer that cannot be read', { status: 200, headers: {}, text: '<html>' }],
      ['an answer that says nothing', { status: 200, headers: {}, text: '{}' }],
      ['some proxy that finds nothing there', { status: 404, headers: {}, text: '<html>' }],
      ['credentials that no longer work', { status: 401, headers: {}, text: '' }],
    ])('may be done again after %s', async (_label, answer) => {
      expect(await read(answer)).toMatchObject({ kind: 'failed' });
    });

    it('passes on how long to wait', async () => {
      expect(await read({ status: 429, headers: { 'retry-after': '9' }, text: '' })).toEqual({
        kind: 'failed',
        code: 'throttled',
        httpStatus: 429,
        retryAfterSeconds: 9,
      });
    });

    it('can be broken off', async () => {
      const carrier = cannedCarrier({ status: 404, headers: {}, text: '' });
      const { signal } = new AbortController();
      await account.readStatus({ ...request, signal }, carrier.http);
      expect(carrier.requests[0]?.signal).toBe(signal);
    });
  });
}
