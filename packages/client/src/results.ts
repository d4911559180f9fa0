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
  /** `duplicate`: it was kept before, under the same idempotency key or as the same text to the same number. */
  readonly outcome: 'accepted' | 'duplicate';
  readonly jobId: string;
  /** Such as `queued`, `scheduled` or `held`; see docs/message-lifecycle.md. */
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

const statusSchema = z.object({
  job_id: z.string(),
  status: z.string(),
  due_at: text,
  hold_reason: text,
  scheduled_for: text,
  send_before: text,
  message_id: text,
  thread_id: text,
  error_code: text,
  error_text: text,
  idempotency_key: text,
});

export interface JobStatus {
  readonly jobId: string;
  readonly status: string;
  readonly dueAt: string | null;
  readonly holdReason: string | null;
  /** Everything else the database tells, under its own names. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What became of a wish to cancel, reschedule or retry one job. */
export interface ChangeResult {
  readonly jobId: string;
  readonly ok: boolean;
  readonly status: string | null;
  readonly dueAt: string | null;
  readonly code: string | null;
  readonly message: string | null;
}

const changeSchema = z.object({
  job_id: z.string(),
  outcome: z.string(),
  status: text,
  due_at: text,
  code: text,
  message: text,
});

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

export function readStatuses(answer: unknown): JobStatus[] {
  return read(z.array(statusSchema.loose()), answer).map((job) => ({
    jobId: job.job_id,
    status: job.status,
    dueAt: job.due_at ?? null,
    holdReason: job.hold_reason ?? null,
    details: job,
  }));
}

export function readChanges(answer: unknown): ChangeResult[] {
  return read(z.array(changeSchema), answer).map((change) => ({
    jobId: change.job_id,
    ok: change.outcome !== 'refused',
    status: change.status ?? null,
    dueAt: change.due_at ?? null,
    code: change.code ?? null,
    message: change.message ?? null,
  }));
}

export function readChange(answer: unknown): ChangeResult {
  const [change] = readChanges([answer]);
  return change ?? read(z.never(), answer);
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
  const isOwnFirstTry = retried && job.keyIsOurs && result.code == null;
  return {
    outcome: result.outcome === 'duplicate' && !isOwnFirstTry ? 'duplicate' : 'accepted',
    jobId: read(z.string(), result.job_id),
    status: result.status ?? null,
    dueAt: result.due_at ?? null,
    holdReason: result.hold_reason ?? null,
    idempotencyKey: job.wire.idempotency_key,
  };
}
