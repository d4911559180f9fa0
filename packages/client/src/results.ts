import { z } from 'zod';
import { ServerError } from './errors.ts';
import type { PreparedJob } from './jobs.ts';

const text = z.string().nullish();

const jobResultSchema = z.object({
  index: z.int().nullish(),
  outcome: z.enum(['accepted', 'duplicate', 'refused']),
  job_id: text,
  status: text,
  due_at: text,
  hold_reason: text,
  code: text,
  message: text,
  details: z.unknown().optional(),
});

export type WireResult = z.output<typeof jobResultSchema>;

/** The message is kept and will go out. */
export interface EnqueuedJob {
  /** `duplicate`: it was kept before, under the same idempotency key. */
  readonly outcome: 'accepted' | 'duplicate';
  readonly jobId: string;
  /** Such as `queued`, `scheduled`, `held` or `at_carrier`; see docs/message-lifecycle.md. */
  readonly status: string | null;
  /** When it goes out at the earliest. */
  readonly dueAt: string | null;
  /** Why it is held, such as `quiet_hours`. */
  readonly holdReason: string | null;
  readonly idempotencyKey: string;
}

export interface RefusedJob {
  readonly outcome: 'refused';
  /** `TLnnn`, see docs/error-codes.md; `invalid_input` for what did not even leave this program. */
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
}

/** What became of the job at place `index` of the input, from 0. */
export type BatchResult = { readonly index: number } & (EnqueuedJob | RefusedJob);

const statusSchema = z.looseObject({ job_id: text, status: text, due_at: text, hold_reason: text });

export interface JobStatus {
  readonly jobId: string;
  readonly status: string;
  readonly dueAt: string | null;
  readonly holdReason: string | null;
  /** Everything else the database tells, under its own names. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What became of the wish to cancel one job. */
export interface CancelResult {
  readonly jobId: string;
  /** False when it is too late, or the job is not yours. */
  readonly ok: boolean;
  /**
   * True when it waits at the carrier, who has been asked and has the last word: `jobStatus` tells what came of it,
   * `cancelled`, or `sent` and more where it was too late.
   */
  readonly pending: boolean;
  readonly status: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

const cancelSchema = z.object({
  job_id: z.string(),
  outcome: z.string(),
  status: text,
  code: text,
  message: text,
});

/** What became of the wish to send a failed job again: a new job, or a reason why not. */
export type RetryResult = { readonly retryOf: string } & (Omit<EnqueuedJob, 'idempotencyKey'> | RefusedJob);

const retrySchema = jobResultSchema.extend({ retry_of: z.string() });

/** @throws ServerError when the answer is of another version */
function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ServerError('The server answered in a way this version of the client does not know.', {
    code: null,
    status: 200,
  });
}

export function readResult(answer: unknown): WireResult {
  return read(jobResultSchema, answer);
}

/** @param count how many were asked for */
export function readResults(answer: unknown, count: number): WireResult[] {
  return read(z.array(jobResultSchema).length(count), answer);
}

/** Those that are there: ids nobody knows are answered without a status. */
export function readStatuses(answer: unknown): JobStatus[] {
  return read(z.array(statusSchema), answer)
    .filter(({ status }) => status != null)
    .map(toStatus);
}

export function readStatus(answer: unknown): JobStatus {
  return toStatus(read(statusSchema, answer));
}

function toStatus(job: z.output<typeof statusSchema>): JobStatus {
  return {
    jobId: read(z.string(), job.job_id),
    status: read(z.string(), job.status),
    dueAt: job.due_at ?? null,
    holdReason: job.hold_reason ?? null,
    details: job,
  };
}

export function readCancellations(answer: unknown): CancelResult[] {
  return read(z.array(cancelSchema), answer).map((result) => ({
    jobId: result.job_id,
    ok: result.outcome !== 'refused',
    pending: result.outcome === 'requested',
    status: result.status ?? null,
    code: result.code ?? null,
    message: result.message ?? null,
  }));
}

export function readRetries(answer: unknown): RetryResult[] {
  return read(z.array(retrySchema), answer).map((result) => ({
    retryOf: result.retry_of,
    ...(result.outcome === 'refused' ? toRefusedJob(result) : toKeptJob(result, result.outcome)),
  }));
}

export function toRefusedJob(result: WireResult): RefusedJob {
  return {
    outcome: 'refused',
    code: result.code ?? 'TL002',
    message: result.message ?? 'Refused without a reason.',
    details: result.details ?? null,
  };
}

/** @param retried the call was made more than once, so a duplicate of a key made for it is its own first try */
export function toEnqueuedJob(result: WireResult, job: PreparedJob, retried: boolean): EnqueuedJob {
  const isOurs = retried && job.keyIsOurs;
  const outcome = result.outcome === 'duplicate' && !isOurs ? 'duplicate' : 'accepted';
  return { ...toKeptJob(result, outcome), idempotencyKey: job.wire.idempotency_key };
}

function toKeptJob(result: WireResult, outcome: EnqueuedJob['outcome']): Omit<EnqueuedJob, 'idempotencyKey'> {
  return {
    outcome,
    jobId: read(z.string(), result.job_id),
    status: result.status ?? null,
    dueAt: result.due_at ?? null,
    holdReason: result.hold_reason ?? null,
  };
}
