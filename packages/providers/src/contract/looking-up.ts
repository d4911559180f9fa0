import { describe, expect, it } from 'vitest';
import { HttpFailure } from '../http-client.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import type { LookUpOutcome, LookUpRequest, ProviderAccount, SendRequest } from '../provider.ts';
import { cannedCarrier, scriptedCarrier } from './carriers.ts';

export interface LookUpSample {
  readonly label: string;
  readonly request?: Partial<LookUpRequest>;
  /** The carrier's pages, in the order in which they are asked for; there must be no further request. */
  readonly replies: readonly HttpReply[];
  readonly outcome: LookUpOutcome;
  readonly asks?: (requests: readonly HttpRequest[]) => void;
}

interface Samples {
  readonly account: ProviderAccount;
  readonly sampleSend: SendRequest;
  readonly secrets: readonly string[];
  readonly lookUps: readonly LookUpSample[];
  readonly emptyLogReply: HttpReply;
}

/** SHA-256 of the text of `sampleSend`. */
export const sampleBodySha256 = 'cf5bbb6347ec87f914af9486f43ed255018551a84d28a52b85917eed801e75e4';

export const sampleLookUp: LookUpRequest = {
  attemptId: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90',
  from: '+17735550002',
  to: '+13125550001',
  senderPool: null,
  bodySha256: sampleBodySha256,
  startedAt: new Date('2026-01-01T00:00:00.000Z'),
  timeoutMs: 15_000,
  knownProviderMessageIds: new Set(),
};

/** The rules of settling an attempt from the carrier's log. */
export function describeLookingUp({ account, secrets, lookUps, emptyLogReply }: Samples): void {
  const lookUp = (answer: HttpReply | Error) => account.lookUp(sampleLookUp, cannedCarrier(answer).http);

  describe('looking an attempt up', () => {
    it.each(lookUps)('$label', async ({ request, replies, outcome, asks }) => {
      const carrier = scriptedCarrier(replies);
      expect(await account.lookUp({ ...sampleLookUp, ...request }, carrier.http)).toEqual(outcome);
      expect(carrier.requests).toHaveLength(replies.length);
      expect(carrier.requests.map(({ method }) => method)).toEqual(replies.map(() => 'GET'));
      for (const asked of carrier.requests) {
        for (const secret of secrets) expect(asked.url).not.toContain(secret);
      }
      asks?.(carrier.requests);
    });

    it('finds nothing in an empty log, which is another thing than not having read it', async () => {
      expect(await lookUp(emptyLogReply)).toEqual({ kind: 'none' });
    });

    it.each([
      ['a time-out', new HttpFailure({ requestWritten: true, reason: 'timeout' })],
      ['a refused connection', new HttpFailure({ requestWritten: false, reason: 'connect' })],
      ['an error nobody foresaw', new TypeError('unforeseen')],
      ['a failure of the carrier', { status: 500, headers: {}, text: '' }],
      ['a redirect', { status: 302, headers: { location: '/' }, text: '' }],
      ['a page that is no page', { status: 200, headers: {}, text: '<html>' }],
      ['an object without a list', { status: 200, headers: {}, text: '{}' }],
      ['a list of something else', { status: 200, headers: {}, text: '{"messages":[1],"data":[1]}' }],
      ['credentials that no longer work', { status: 401, headers: {}, text: '' }],
    ])('never says none after %s', async (_label, answer) => {
      expect(await lookUp(answer)).toMatchObject({ kind: 'failed' });
    });

    it('passes on how long to wait', async () => {
      expect(await lookUp({ status: 429, headers: { 'retry-after': '9' }, text: '' })).toEqual({
        kind: 'failed',
        code: 'throttled',
        httpStatus: 429,
        retryAfterSeconds: 9,
      });
    });

    it('can be broken off', async () => {
      const carrier = cannedCarrier(emptyLogReply);
      const { signal } = new AbortController();
      await account.lookUp({ ...sampleLookUp, signal }, carrier.http);
      expect(carrier.requests[0]?.signal).toBe(signal);
    });
  });
}
