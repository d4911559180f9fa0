import { z } from 'zod';
import type { Rpc } from '../_shared/rpc.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const identity = z
  .object({
    organization_id: z.string(),
    api_key_id: z.string(),
    retry_after_seconds: z.number().nullish(),
  })
  .nullable();

const result = z.object({
  outcome: z.enum(['accepted', 'duplicate', 'refused']),
  job_id: text,
  status: text,
  due_at: text,
  hold_reason: text,
  code: text,
  message: text,
});

const cancellation = z.object({ outcome: z.string(), status: text, code: text, message: text });

/** A job nobody knows is answered without a status. */
const state = z.looseObject({ job_id: text, status: text, due_at: text, hold_reason: text });

export type Identity = NonNullable<z.output<typeof identity>>;
export type EnqueueResult = z.output<typeof result>;
export type Cancellation = z.output<typeof cancellation>;
export type JobState = z.output<typeof state>;
export type WireJob = Readonly<Record<string, unknown>>;

/** The SQL functions behind the endpoint. Each @throws RpcFailure, or ZodError for an answer of another version. */
export interface Database {
  /** @param cost messages to take from the key's rate */
  authenticate(apiKeySha256: string, cost: number): Promise<Identity | null>;
  enqueue(organizationId: string, job: WireJob): Promise<EnqueueResult>;
  enqueueAll(organizationId: string, jobs: readonly WireJob[]): Promise<EnqueueResult[]>;
  /** Null when the organization has no such job. */
  find(organizationId: string, jobId: string): Promise<JobState | null>;
  cancel(organizationId: string, jobId: string): Promise<Cancellation | null>;
  reschedule(organizationId: string, jobId: string, scheduledFor: string): Promise<JobState>;
}

export function createDatabase(rpc: Rpc): Database {
  return {
    authenticate: async (apiKeySha256, cost) =>
      identity.parse(await rpc('authenticate_api_key', { p_api_key_sha256: apiKeySha256, p_cost: cost })),
    enqueue: async (organizationId, job) =>
      result.parse(await rpc('enqueue_message', { p_organization_id: organizationId, p_job: job })),
    enqueueAll: async (organizationId, jobs) =>
      z
        .array(result)
        .length(jobs.length)
        .parse(await rpc('enqueue_batch', { p_organization_id: organizationId, p_jobs: jobs })),
    find: async (organizationId, jobId) => {
      const answer = await rpc('job_status', { p_organization_id: organizationId, p_job_ids: [jobId] });
      const [job] = z.array(state).parse(answer);
      return job?.status == null ? null : job;
    },
    cancel: async (organizationId, jobId) => {
      const answer = await rpc('cancel_jobs', { p_organization_id: organizationId, p_job_ids: [jobId] });
      return z.array(cancellation).parse(answer)[0] ?? null;
    },
    reschedule: async (organizationId, jobId, scheduledFor) =>
      state.parse(
        await rpc('reschedule_job', {
          p_organization_id: organizationId,
          p_job_id: jobId,
          p_scheduled_for: scheduledFor,
        }),
      ),
  };
}
