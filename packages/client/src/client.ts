import { z } from 'zod';
import { enqueueBatch } from './batch.ts';
import type { BatchOptions, BatchSummary } from './batch.ts';
import { refusedError } from './errors.ts';
import { jobId, MAX_BATCH_SIZE, organizationId } from './job-fields.ts';
import { orThrow, parseInput, parseMoment, prepareJob, prepareReminder } from './jobs.ts';
import type { Job, PreparedJob, Reminder } from './jobs.ts';
import {
  readCancellations,
  readResult,
  readRetries,
  readStatus,
  readStatuses,
  toEnqueuedJob,
} from './results.ts';
import type { CancelResult, EnqueuedJob, JobStatus, RetryResult } from './results.ts';
import { createCall } from './transport.ts';

const optionsSchema = z.strictObject({
  supabaseUrl: z
    .url({ protocol: /^https?$/, error: 'must be the URL of your Supabase project' })
    .transform((url) => url.replace(/\/+$/, '')),
  secretKey: z.string().min(1, 'must be a secret key of your Supabase project'),
  organizationId,
  fetch: z
    .custom<typeof fetch>((value) => typeof value === 'function', 'must be a function')
    .default(() => fetch),
  timeoutMs: z.int().min(1).default(30_000),
  retries: z.int().min(0).max(20).default(4),
  retryDelayMs: z.int().min(0).default(250),
});

const jobIds = z.array(jobId).min(1, 'must name at least one job').max(MAX_BATCH_SIZE);

export type ClientOptions = z.input<typeof optionsSchema>;

export interface CallSignal {
  readonly signal?: AbortSignal;
}

/** Every method throws ThreadlineError, or the reason of the signal it was given. */
export interface Client {
  /** Keeps one message to be sent. @throws RefusedError when it never will be */
  enqueueMessage(job: Job, options?: CallSignal): Promise<EnqueuedJob>;
  /** Keeps any number of messages, in chunks. What is refused is refused by itself. @throws BatchInterruptedError */
  enqueueBatch(jobs: Iterable<Job> | AsyncIterable<Job>, options?: BatchOptions): Promise<BatchSummary>;
  /** Keeps one message with a priority by how soon its appointment is. @throws RefusedError */
  sendReminder(reminder: Reminder, options?: CallSignal): Promise<EnqueuedJob>;
  /** Takes back what has not gone out. What waits at the carrier is asked for there: its result is `pending`. */
  cancel(jobIds: string | readonly string[], options?: CallSignal): Promise<CancelResult[]>;
  /** Gives a waiting job another time; one at the carrier once the carrier has given it back. @throws RefusedError */
  reschedule(jobId: string, scheduledFor: Date | string, options?: CallSignal): Promise<JobStatus>;
  /** Sends again what failed for good, as new jobs. A job is sent again once, however often it is asked for. */
  retryFailed(jobIds: string | readonly string[], options?: CallSignal): Promise<RetryResult[]>;
  /** Where jobs stand; those that are not yours are left out. */
  jobStatus(jobIds: string | readonly string[], options?: CallSignal): Promise<JobStatus[]>;
}

/**
 * @param input `secretKey` passes every rule of access: keep it on servers
 * @throws InvalidInputError
 */
export function createClient(input: ClientOptions): Client {
  const options = parseInput(optionsSchema, input);
  const call = createCall(options);
  const organization = { p_organization_id: options.organizationId };

  async function enqueue(
    functionName: string,
    job: PreparedJob,
    { signal }: CallSignal = {},
  ): Promise<EnqueuedJob> {
    const { value, tries } = await call(functionName, { ...organization, p_job: job.wire }, { signal });
    const result = readResult(value);
    if (result.outcome !== 'refused') return toEnqueuedJob(result, job, tries > 1);
    const { code, message, details } = result;
    throw refusedError({ code: code ?? 'TL002', message: message ?? 'Refused without a reason.', details });
  }

  async function callForJobs(
    functionName: string,
    ids: string | readonly string[],
    { signal }: CallSignal = {},
  ): Promise<unknown> {
    const parameters = {
      ...organization,
      p_job_ids: parseInput(jobIds, typeof ids === 'string' ? [ids] : ids),
    };
    return (await call(functionName, parameters, { signal })).value;
  }

  return {
    enqueueMessage: async (job, signal) => enqueue('enqueue_message', orThrow(prepareJob(job)), signal),
    enqueueBatch: async (jobs, batchOptions = {}) =>
      enqueueBatch(call, options.organizationId, jobs, batchOptions),
    sendReminder: async (reminder, signal) => enqueue('send_reminder', prepareReminder(reminder), signal),
    cancel: async (ids, signal) => readCancellations(await callForJobs('cancel_jobs', ids, signal)),
    reschedule: async (id, scheduledFor, { signal } = {}) => {
      const parameters = {
        ...organization,
        p_job_id: parseInput(jobId, id),
        p_scheduled_for: parseMoment('scheduledFor', scheduledFor),
      };
      return readStatus((await call('reschedule_job', parameters, { signal })).value);
    },
    retryFailed: async (ids, signal) => readRetries(await callForJobs('retry_failed', ids, signal)),
    jobStatus: async (ids, signal) => readStatuses(await callForJobs('job_status', ids, signal)),
  };
}
