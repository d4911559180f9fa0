import { HttpFailure, parseProviderCredentials } from '@threadline/providers';
import type { HttpClient } from '@threadline/providers';
import { Agent, request } from 'undici';
import { z } from 'zod';

/** A row of bench.begin_attempts. */
export const attempt = z.object({
  attempt_id: z.string(),
  sender: z.string(),
  recipient: z.string(),
  body: z.string(),
  credentials_ref: z.string(),
});
export type Attempt = z.infer<typeof attempt>;

/** An element of bench.finish_attempts. */
export type PeerOutcome = {
  attempt_id: string;
  state: 'accepted' | 'unknown';
  provider_message_id: string | null;
  provider_status: string | null;
  segments: number | null;
  http_status: number | null;
};

export type CarrierCall = (attempt: Attempt) => Promise<PeerOutcome>;

/** The same adapter as ours over a plain undici pool: the same request, byte for byte but for the ids in it. */
export function createCarrierCall(providerCredentials: string, connections: number): CarrierCall {
  const accounts = parseProviderCredentials(providerCredentials);
  const http = createHttpClient(connections);
  return async (attempted) => {
    const account = accounts.get(attempted.credentials_ref);
    if (account === undefined) throw new Error(`no credentials for ${attempted.credentials_ref}`);
    const outcome = await account.send(
      {
        attemptId: attempted.attempt_id,
        from: attempted.sender,
        to: attempted.recipient,
        body: attempted.body,
        senderPool: null,
        mediaUrls: [],
        publicWebhookBase: 'http://127.0.0.1:1/functions/v1',
        timeoutMs: 20_000,
      },
      http,
    );
    return outcome.kind === 'accepted'
      ? {
          attempt_id: attempted.attempt_id,
          state: 'accepted',
          provider_message_id: outcome.providerMessageId,
          provider_status: outcome.providerStatus,
          segments: outcome.segments,
          http_status: outcome.httpStatus,
        }
      : unknownOutcome(attempted.attempt_id);
  };
}

function unknownOutcome(attemptId: string): PeerOutcome {
  return {
    attempt_id: attemptId,
    state: 'unknown',
    provider_message_id: null,
    provider_status: null,
    segments: null,
    http_status: null,
  };
}

export function createHttpClient(connections: number): HttpClient {
  const dispatcher = new Agent({ connections, pipelining: 1, keepAliveTimeout: 4_000 });
  return async ({ method, url, headers, body, timeoutMs }) => {
    try {
      const reply = await request(url, {
        method,
        headers: { ...headers },
        body: body ?? null,
        dispatcher,
        headersTimeout: timeoutMs,
      });
      const flat = Object.entries(reply.headers).map(([name, value]): [string, string] => [
        name,
        [value ?? ''].flat().join(', '),
      ]);
      return { status: reply.statusCode, headers: Object.fromEntries(flat), text: await reply.body.text() };
    } catch (cause) {
      throw new HttpFailure({ requestWritten: true, reason: 'broken', cause });
    }
  };
}
