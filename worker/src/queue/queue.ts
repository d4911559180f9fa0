import type { Sql } from 'postgres';
import { z } from 'zod';
import type { AttemptOutcome } from './outcome.ts';

const claimedJob = z.object({
  job_id: z.string(),
  attempt_id: z.string(),
  message_id: z.string(),
  organization_id: z.string(),
  thread_id: z.string(),
  provider: z.string(),
  credentials_ref: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string(),
  messaging_service_sid: z.string().nullable(),
  media_paths: z.array(z.string()),
  retry_count: z.number(),
  queue: z.string(),
  enqueued_at: z.coerce.date(),
});

const claimedMedia = z.object({
  media_id: z.string(),
  organization_id: z.string(),
  message_id: z.string(),
  position: z.number(),
  credentials_ref: z.string(),
  provider_url: z.string().nullable(),
});

const queueDepth = z.object({
  queue: z.string(),
  length: z.number(),
  oldest_age_seconds: z.number().nullable(),
});

const sweepCounts = z.object({ skipped: z.boolean(), attempts_lost: z.number().default(0) });

/** A job handed to this worker, with its committed attempt. */
export type ClaimedJob = z.infer<typeof claimedJob>;
export type ClaimedMedia = z.infer<typeof claimedMedia>;
export type QueueDepth = z.infer<typeof queueDepth>;
export type SweepCounts = z.infer<typeof sweepCounts>;

export interface CompletedMedia {
  readonly mediaId: string;
  readonly status: 'stored' | 'failed' | 'retry';
  readonly storagePath: string | null;
  readonly contentType: string | null;
  readonly sizeBytes: number | null;
  readonly reason: string | null;
}

/** Every SQL function the worker may call: one method, one statement. All throw what the database throws. */
export interface Queue {
  claim(limit: number, leaseSeconds: number): Promise<ClaimedJob[]>;
  /** How many of the outcomes were news. */
  complete(outcomes: readonly AttemptOutcome[]): Promise<number>;
  release(attemptIds: readonly string[]): Promise<number>;
  extend(attemptIds: readonly string[], leaseSeconds: number): Promise<number>;
  /** True: producers notify for `seconds`, and nothing was waiting when they were told. False: look again soon. */
  fallAsleep(seconds: number): Promise<boolean>;
  wakeUp(): Promise<void>;
  /** When the next job or picture becomes visible; null when nothing waits. */
  nextDue(): Promise<Date | null>;
  sweep(): Promise<SweepCounts>;
  claimMedia(limit: number, leaseSeconds: number): Promise<ClaimedMedia[]>;
  completeMedia(media: CompletedMedia): Promise<void>;
  depths(): Promise<QueueDepth[]>;
}

export function createQueue(sql: Sql, workerId: string): Queue {
  return {
    async claim(limit, leaseSeconds) {
      const rows = await sql`select worker.claim(${workerId}, ${limit}::int, ${leaseSeconds}::int) as job`;
      return rows.map((row) => claimedJob.parse(row['job']));
    },
    async complete(outcomes) {
      // As text: the driver would otherwise have to be told how to encode every optional field.
      const batch = JSON.stringify(outcomes);
      const [row] = await sql`select worker.complete(${workerId}, ${batch}::text::jsonb) as count`;
      return z.number().parse(row?.['count']);
    },
    async release(attemptIds) {
      const ids = uuidArray(attemptIds);
      const [row] = await sql`select worker.release(${workerId}, ${ids}::text::uuid[]) as count`;
      return z.number().parse(row?.['count']);
    },
    async extend(attemptIds, leaseSeconds) {
      const ids = uuidArray(attemptIds);
      const [row] =
        await sql`select worker.extend(${workerId}, ${ids}::text::uuid[], ${leaseSeconds}::int) as count`;
      return z.number().parse(row?.['count']);
    },
    async fallAsleep(seconds) {
      const [row] = await sql`select worker.fall_asleep(${workerId}, ${seconds}::int) as asleep`;
      return z.boolean().parse(row?.['asleep']);
    },
    async wakeUp() {
      await sql`select worker.wake_up(${workerId})`;
    },
    async nextDue() {
      const [row] = await sql`select worker.next_due() as due`;
      return z.date().nullable().parse(row?.['due']);
    },
    async sweep() {
      const [row] = await sql`select worker.sweep() as counts`;
      return sweepCounts.parse(row?.['counts']);
    },
    ...mediaCalls(sql, workerId),
    async depths() {
      const [row] = await sql`select worker.queue_depths() as depths`;
      return z.array(queueDepth).parse(row?.['depths'] ?? []);
    },
  };
}

function mediaCalls(sql: Sql, workerId: string): Pick<Queue, 'claimMedia' | 'completeMedia'> {
  return {
    async claimMedia(limit, leaseSeconds) {
      const rows =
        await sql`select worker.claim_media(${workerId}, ${limit}::int, ${leaseSeconds}::int) as media`;
      return rows.map((row) => claimedMedia.parse(row['media']));
    },
    async completeMedia(media) {
      await sql`select worker.complete_media(${media.mediaId}::uuid, ${media.status}, ${media.storagePath}::text,
        ${media.contentType}::text, ${media.sizeBytes}::bigint, ${media.reason}::text)`;
    },
  };
}

/** A Postgres array literal; ids carry no character that would need quoting. */
function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
