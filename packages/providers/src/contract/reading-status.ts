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
  readonly statuses: readonly StatusSample[];
}

const statusRequest = { providerMessageId: 'message-1', timeoutMs: 5000 };

/** The rules of asking where one message stands. */
export function describeReadingStatus({ account, secrets, statuses }: Samples): void {
  const read = (answer: HttpReply | Error) => account.readStatus(statusRequest, cannedCarrier(answer).http);

  describe('asking where a message stands', () => {
    it.each(statuses)('$label', async ({ reply, outcome, asks }) => {
      const carrier = cannedCarrier(reply);
      expect(await account.readStatus(statusRequest, carrier.http)).toEqual(outcome);
      expect(carrier.requests).toHaveLength(1);
      const [request] = carrier.requests;
      if (request === undefined) return;
      expect(request.method).toBe('GET');
      expect(request.timeoutMs).toBe(statusRequest.timeoutMs);
      for (const secret of secrets) expect(request.url).not.toContain(secret);
      asks?.(request);
    });

    it('names the message by its id and nothing else', async () => {
      const carrier = cannedCarrier({ status: 404, headers: {}, text: '' });
      await account.readStatus({ ...statusRequest, providerMessageId: '../x?y=1#z' }, carrier.http);
      expect(carrier.requests[0]?.url).toContain('/..%2Fx%3Fy%3D1%23z');
    });

    it.each([
      ['a time-out', new HttpFailure({ requestWritten: true, reason: 'timeout' })],
      ['an error nobody foresaw', new TypeError('unforeseen')],
      ['a failure of the carrier', { status: 500, headers: {}, text: '' }],
      ['a page that is no message', { status: 200, headers: {}, text: '<html>' }],
      ['a message without a status', { status: 200, headers: {}, text: '{"data":{}}' }],
      ['a 404 that is not the carrier’s own', { status: 404, headers: {}, text: '<html>' }],
      ['credentials that no longer work', { status: 401, headers: {}, text: '' }],
    ])('says neither found nor none after %s', async (_label, answer) => {
      expect(await read(answer)).toMatchObject({ kind: 'failed' });
    });

    it('passes on how long to wait', async () => {
      expect(await read({ status: 429, headers: { 'retry-after': '9' }, text: '' })).toMatchObject({
        kind: 'failed',
        code: 'throttled',
        retryAfterSeconds: 9,
      });
    });

    it('can be broken off', async () => {
      const carrier = cannedCarrier({ status: 500, headers: {}, text: '' });
      const { signal } = new AbortController();
      await account.readStatus({ ...statusRequest, signal }, carrier.http);
      expect(carrier.requests[0]?.signal).toBe(signal);
    });
  });
}
