import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { z } from 'zod';
import { createDatabase } from '../database.ts';
import { handle } from '../handler.ts';
import { openApiDocument } from '../openapi.ts';
import { listResponse, messageResponse, messageState, problem } from '../schemas.ts';

export const apiKey = `tl_live_${'aB3'.repeat(10)}xy`;
export const organization = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90';
export const jobId = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91';
export const to = '+13125550142';

interface Call {
  functionName: string;
  parameters: Record<string, unknown>;
}

type Answers = Readonly<Record<string, (parameters: Record<string, unknown>) => unknown>>;

export const accepted = {
  outcome: 'accepted',
  job_id: jobId,
  status: 'queued',
  due_at: '2026-11-20T15:30:00Z',
};

/** The endpoint with a database that answers as told and remembers what it was asked. */
export function world(answers: Answers = {}) {
  const calls: Call[] = [];
  const logged: string[] = [];
  const known: Answers = {
    authenticate_api_key: ({ p_api_key_sha256: hash }) =>
      hash === createHash('sha256').update(apiKey).digest('hex')
        ? { organization_id: organization, api_key_id: 'k1', retry_after_seconds: null }
        : null,
    enqueue_message: () => ({ index: 0, ...accepted }),
    enqueue_batch: ({ p_jobs: jobs }) => (jobs as unknown[]).map((_, index) => ({ index, ...accepted })),
    job_status: () => [{ job_id: jobId, status: 'sent', due_at: null, extra: 1 }],
    cancel_jobs: () => [{ job_id: jobId, outcome: 'accepted', status: 'cancelled' }],
    reschedule_job: () => ({ job_id: jobId, status: 'scheduled', due_at: '2026-11-21T15:30:00Z', to }),
    ...answers,
  };
  const database = createDatabase(async (functionName, parameters) => {
    calls.push({ functionName, parameters });
    const answer = known[functionName]?.(parameters);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await handle(request, { database, log: (...line) => logged.push(JSON.stringify(line)) });
    await expectDocumented(response.clone(), method, path);
    return response;
  };
  const post = async (body: unknown, headers?: Record<string, string>) =>
    send('POST', '/messages', body, headers);
  const jobsOf = (n: number) => calls[n]?.parameters;
  return { calls, logged, send, post, jobsOf };
}

interface Operation {
  responses: Record<string, unknown>;
}

/** Every answer is one the document promises for this operation, in the shape it promises. */
async function expectDocumented(response: Response, method: string, path: string) {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, Operation>> };
  const isOne = /^(?:\/functions\/v1)?\/messages\/[0-9a-z-]+$/.test(path);
  const operation = paths[isOne ? '/messages/{job_id}' : '/messages']?.[method.toLowerCase()];
  if (operation === undefined || response.status === 405) return;
  expect(Object.keys(operation.responses)).toContain(String(response.status));
  const body: unknown = await response.json();
  const matches = (schema: z.ZodType) => schema.safeParse(body).success;
  if (response.status >= 400) {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(matches(problem)).toBe(true);
  } else {
    expect(isOne ? [messageState] : [messageResponse, listResponse]).toSatisfy((all: z.ZodType[]) =>
      all.some(matches),
    );
  }
}

export const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>;
