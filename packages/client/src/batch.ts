import { z } from 'zod';
import { ThreadlineError } from './errors.ts';
import { MAX_BATCH_SIZE } from './job-fields.ts';
import { parseInput, prepareJob } from './jobs.ts';
import type { Job, PreparedJob } from './jobs.ts';
import { readResults, toEnqueuedJob, toRefusedJob } from './results.ts';
import type { BatchResult } from './results.ts';
import type { Call } from './transport.ts';

export interface BatchProgress {
  /** Jobs that have their result. */
  readonly done: number;
  /** How many there are, when that can be known. */
  readonly total: number | null;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
}

export interface BatchOptions {
  /** Jobs of one call and one transaction, 1 to 10,000. Default: 1,000. */
  readonly chunkSize?: number;
  readonly onProgress?: (progress: BatchProgress) => void;
  /** Called with the results of each chunk, in order. */
  readonly onResults?: (results: readonly BatchResult[]) => void;
  /** False for batches whose results would not fit into memory: take them from `onResults`. Default: true. */
  readonly keepResults?: boolean;
  /** Stops between two chunks, or in the middle of one whose effect is then unknown. */
  readonly signal?: AbortSignal;
}

export interface BatchSummary extends Omit<BatchProgress, 'done' | 'total'> {
  readonly total: number;
  /** One for each job, in the order of the input; empty with `keepResults: false`. */
  readonly results: readonly BatchResult[];
}

/**
 * The batch ended early. The first `progress.done` jobs have their results; those of the chunk after them may be there or
 * not. With idempotency keys of your own, simply run the whole batch again.
 */
export class BatchInterruptedError extends ThreadlineError {
  override name = 'BatchInterruptedError';
  readonly progress: BatchProgress;
  readonly results: readonly BatchResult[];

  constructor(cause: unknown, progress: BatchProgress, results: readonly BatchResult[]) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The batch ended after ${progress.done} jobs: ${reason}`, { cause });
    this.progress = progress;
    this.results = results;
  }
}

const chunkSizeSchema = z
  .int('chunkSize must be a whole number')
  .min(1, 'chunkSize must be 1 to 10,000')
  .max(MAX_BATCH_SIZE, 'chunkSize must be 1 to 10,000')
  .default(1000);

/** @throws BatchInterruptedError with its `cause`; InvalidInputError for options */
export async function enqueueBatch(
  call: Call,
  organizationId: string,
  jobs: Iterable<Job> | AsyncIterable<Job>,
  options: BatchOptions,
): Promise<BatchSummary> {
  const chunkSize = parseInput(chunkSizeSchema, options.chunkSize);
  const tally = { accepted: 0, duplicates: 0, refused: 0 };
  const results: BatchResult[] = [];
  const total = Array.isArray(jobs) ? jobs.length : null;
  let done = 0;
  try {
    for await (const chunk of chunksOf(jobs, chunkSize)) {
      options.signal?.throwIfAborted();
      const added = await enqueueChunk(call, organizationId, chunk, done, options.signal);
      for (const { outcome } of added) tally[outcome === 'duplicate' ? 'duplicates' : outcome] += 1;
      done += chunk.length;
      if (options.keepResults !== false) results.push(...added);
      options.onResults?.(added);
      options.onProgress?.({ done, total, ...tally });
    }
  } catch (cause) {
    throw new BatchInterruptedError(cause, { done, total, ...tally }, results);
  }
  return { total: done, ...tally, results };
}

/** Jobs that cannot be right are refused here, the others sent; the keys stay the same over all retries of the call. */
async function enqueueChunk(
  call: Call,
  organizationId: string,
  jobs: readonly Job[],
  offset: number,
  signal: AbortSignal | undefined,
): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  const sent: { readonly index: number; readonly job: PreparedJob }[] = [];
  for (const [place, job] of jobs.entries()) {
    const preparation = prepareJob(job);
    if (preparation.ok) {
      sent.push({ index: offset + place, job: preparation.job });
      continue;
    }
    const { problems } = preparation;
    const message = problems.map(({ path, message: what }) => `${path} ${what}`.trim()).join('; ');
    const refused = { outcome: 'refused', code: 'invalid_input', message, details: { problems } } as const;
    results.push({ index: offset + place, ...refused });
  }
  if (sent.length > 0) {
    const parameters = { p_organization_id: organizationId, p_jobs: sent.map(({ job }) => job.wire) };
    const { value, tries } = await call('enqueue_batch', parameters, { signal });
    for (const [place, result] of readResults(value, sent.length).entries()) {
      const entry = sent[place];
      if (entry === undefined) continue;
      const what =
        result.outcome === 'refused' ? toRefusedJob(result) : toEnqueuedJob(result, entry.job, tries > 1);
      results.push({ index: entry.index, ...what });
    }
  }
  return results.sort((a, b) => a.index - b.index);
}

async function* chunksOf<Item>(items: Iterable<Item> | AsyncIterable<Item>, size: number) {
  let chunk: Item[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
