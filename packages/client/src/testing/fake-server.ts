import { createClient } from '../client.ts';
import type { Client, ClientOptions } from '../client.ts';

export interface RecordedCall {
  readonly functionName: string;
  readonly parameters: Record<string, unknown>;
  readonly headers: Headers;
}

export const organization = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90';
export const aJobId = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91';

type Answer = unknown;

/** The functions of a project, answered by `respond`; an Error is a broken connection, a Response stands for itself. */
export function fakeServer(
  respond: (call: RecordedCall, n: number) => Answer,
  options: Partial<ClientOptions> = {},
): { client: Client; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const fakeFetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const call = {
      functionName: url.pathname.replace('/rest/v1/rpc/', ''),
      parameters: JSON.parse(init?.body as string) as Record<string, unknown>,
      headers: new Headers(init?.headers),
    };
    calls.push(call);
    const answer = await respond(call, calls.length);
    init?.signal?.throwIfAborted();
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : Response.json(answer);
  };
  const client = createClient({
    supabaseUrl: 'http://project.test/',
    secretKey: 'sb_secret_x',
    organizationId: organization,
    fetch: fakeFetch,
    retryDelayMs: 0,
    ...options,
  });
  return { client, calls };
}

/** Keeps every job; the same idempotency key is the same job. */
export function keepEverything() {
  const kept = new Map<string, string>();
  return (call: RecordedCall): unknown => {
    const jobs = (call.parameters['p_jobs'] ?? [call.parameters['p_job']]) as { idempotency_key: string }[];
    const results = jobs.map(({ idempotency_key: key }, index) => {
      const known = kept.get(key);
      const id = known ?? `018f4e5a-7b1c-7d2e-8f3a-${String(kept.size).padStart(12, '0')}`;
      kept.set(key, id);
      return { index, outcome: known === undefined ? 'accepted' : 'duplicate', job_id: id, status: 'queued' };
    });
    return 'p_jobs' in call.parameters ? results : results[0];
  };
}
