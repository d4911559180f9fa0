import { z } from 'zod';
import type { Statement } from '../database.ts';
import { engineState } from '../engine-metrics.ts';
import type { EngineState } from '../engine-metrics.ts';
import { parseClaimedJob } from './claimed-job.ts';
import type { ClaimedJob } from './claimed-job.ts';
import type { AttemptOutcome } from './outcome.ts';

const claimedMedia = z.object({
  media_id: z.string(),
  organization_id: z.string(),
  message_id: z.string(),
  position: z.number(),
  credentials_ref: z.string(),
  provider_url: z.string().nullable(),
});

const unknownAttempt = z.object({
  attempt_id: z.string(),
  job_id: z.string(),
  organization_id: z.string(),
  message_id: z.string().nullable(),
  provider_account_id: z.string(),
  provider: z.string(),
  credentials_ref: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string().nullable(),
  messaging_service_sid: z.string().nullable(),
  started_at: z.coerce.date(),
  finished_at: z.coerce.date().nullable(),
  look_ups: z.number(),
  known_provider_message_ids: z.array(z.string()),
});

const wantedRecall = z.object({
  recall_id: z.string(),
  reason: z.string(),
  tries: z.number(),
  job_id: z.string(),
  attempt_id: z.string(),
  organization_id: z.string(),
  message_id: z.string().nullable(),
  provider_account_id: z.string(),
  provider: z.string(),
  credentials_ref: z.string(),
  provider_message_id: z.string(),
});

const missingReport = z.object({
  attempt_id: z.string(),
  job_id: z.string(),
  organization_id: z.string(),
  message_id: z.string().nullable(),
  provider_account_id: z.string(),
  provider: z.string(),
  credentials_ref: z.string(),
  provider_message_id: z.string(),
  look_ups: z.number(),
});

const frozenText = z.object({ attempt_id: z.string(), message_id: z.string(), body: z.string() });
const attemptIds = z.array(z.string());

const sweepCounts = z.object({ skipped: z.boolean(), attempts_lost: z.number().default(0) });

export type ClaimedMedia = z.infer<typeof claimedMedia>;
/** An attempt that may or may not have reached its carrier, and is due to be looked up there. */
export type UnknownAttempt = z.infer<typeof unknownAttempt>;
/** A message that waits at its carrier and that somebody wants back. */
export type WantedRecall = z.infer<typeof wantedRecall>;
/** A message its carrier took and never reported on, and is due to be asked about. */
export type MissingReport = z.infer<typeof missingReport>;
export type SweepCounts = z.infer<typeof sweepCounts>;

/** What the carrier's log says of an attempt, as worker.resolve_unknown takes it. */
export interface LookUpResult {
  readonly kind: 'found' | 'none' | 'ambiguous' | 'failed';
  readonly provider_message_id?: string;
  readonly provider_status?: string | null;
  readonly status?: string;
  readonly error_code?: string;
  readonly error_text?: string;
}

/** What the carrier said to the wish to have a message back, as worker.resolve_recall takes it. */
export interface RecallResult {
  readonly kind: 'cancelled' | 'too_late' | 'not_found' | 'failed';
  /** Of what is too late: where it stands. */
  readonly status?: string;
  readonly provider_status?: string | null;
  readonly http_status?: number | null;
  readonly error_code?: string;
  readonly retry_after_seconds?: number | null;
}
/** Where the carrier says a message stands, as worker.resolve_missing_report takes it. */
export type ReportAnswer =
  | {
      readonly kind: 'known';
      readonly status: string | null;
      readonly provider_status: string;
      readonly error_code: string | null;
      readonly error_text: string | null;
      readonly retry: { readonly after_seconds: number; readonly times: number } | null;
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly retry_after_seconds: number | null };

export interface FrozenText {
  readonly attempt_id: string;
  readonly body: string;
}

/** What a provider account does: it cannot be used for a while, or it can again. */
export type AccountEvent =
  | { readonly kind: 'paused'; readonly reason: string; readonly seconds: number }
  | { readonly kind: 'resumed' };

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
  /** Filled-in templates become the words of their messages; answers those that were still ours to word. */
  freeze(texts: readonly FrozenText[]): Promise<z.infer<typeof frozenText>[]>;
  /** Of attempts that waited, those that may still go. */
  confirm(attemptIds: readonly string[]): Promise<string[]>;
  /** How many of the outcomes were news. */
  complete(outcomes: readonly AttemptOutcome[]): Promise<number>;
  release(attemptIds: readonly string[]): Promise<number>;
  /** Gives back what the database handed to us in an answer that never came: all of ours but these. */
  releaseUnheld(heldIds: readonly string[]): Promise<number>;
  extend(attemptIds: readonly string[], leaseSeconds: number): Promise<number>;
  /** True: producers notify for `seconds`, and nothing was waiting when they were told. False: look again soon. */
  fallAsleep(seconds: number): Promise<boolean>;
  wakeUp(): Promise<void>;
  /** Milliseconds until the next job or picture becomes visible, by the database's clock; null when nothing waits. */
  nextDueMs(): Promise<number | null>;
  sweep(): Promise<SweepCounts>;
  claimMedia(limit: number, leaseSeconds: number): Promise<ClaimedMedia[]>;
  completeMedia(media: CompletedMedia): Promise<void>;
  /** Attempts to look up now; each comes again after its lease unless it was resolved. */
  claimUnknown(limit: number, leaseSeconds: number): Promise<UnknownAttempt[]>;
  /** What that led to: found, later, unconfirmed (a person is asked) or settled (somebody was faster). */
  resolveUnknown(attemptId: string, result: LookUpResult): Promise<string>;
  /** Messages to be cancelled at their carriers now; each comes again after its lease unless it was resolved. */
  claimRecalls(limit: number, leaseSeconds: number): Promise<WantedRecall[]>;
  /** What that led to: recalled, too_late, unconfirmed (a person is asked), later or settled (a report was faster). */
  resolveRecall(recallId: string, result: RecallResult): Promise<string>;
  /** Messages to ask their carriers about; each comes again after its lease unless it was resolved. */
  claimMissingReports(limit: number, leaseSeconds: number): Promise<MissingReport[]>;
  /** What that led to: reported, later, given_up or settled (there was nothing left to do). */
  resolveMissingReport(attemptId: string, answer: ReportAnswer): Promise<string>;
  engineState(): Promise<EngineState>;
  reportAccount(providerAccountId: string, event: AccountEvent): Promise<void>;
}

export function createQueue(sql: Statement, workerId: string): Queue {
  return {
    async claim(limit, leaseSeconds) {
      const local = performance.now();
      // One row with everything: the driver's work is by the row.
      const [row] = await sql`
        select coalesce(jsonb_agg(c), '[]') as jobs, extract(epoch from clock_timestamp())::float8 * 1000 as now
        from worker.claim(${workerId}, ${limit}::int, ${leaseSeconds}::int) c`;
      const at = { database: z.number().parse(row?.['now']), local };
      return z
        .array(z.unknown())
        .parse(row?.['jobs'])
        .map((job) => parseClaimedJob(job, at));
    },
    async freeze(texts) {
      const batch = JSON.stringify(texts);
      const rows = await sql`select worker.freeze(${workerId}, ${batch}::text::jsonb) as text`;
      return rows.map((row) => frozenText.parse(row['text']));
    },
    async confirm(ids) {
      const [row] = await sql`
        select coalesce(jsonb_agg(c), '[]') as ids from worker.confirm(${workerId}, ${uuidArray(ids)}::text::uuid[]) c`;
      return attemptIds.parse(row?.['ids']);
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
    async releaseUnheld(heldIds) {
      const ids = uuidArray(heldIds);
      const [row] = await sql`select worker.release_unheld(${workerId}, ${ids}::text::uuid[]) as count`;
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
    async nextDueMs() {
      const [row] = await sql`
        select extract(epoch from worker.next_due() - clock_timestamp())::float8 * 1000 as milliseconds`;
      return z
        .number()
        .nullable()
        .parse(row?.['milliseconds'] ?? null);
    },
    async sweep() {
      const [row] = await sql`select worker.sweep() as counts`;
      return sweepCounts.parse(row?.['counts']);
    },
    ...mediaCalls(sql, workerId),
    ...recallCalls(sql, workerId),
    ...accountCalls(sql, workerId),
    ...reportCalls(sql, workerId),
  };
}

function accountCalls(
  sql: Statement,
  workerId: string,
): Pick<Queue, 'reportAccount' | 'claimUnknown' | 'resolveUnknown' | 'engineState'> {
  return {
    async reportAccount(providerAccountId, event) {
      await sql`select worker.report_account(${providerAccountId}::uuid, ${JSON.stringify(event)}::text::jsonb)`;
    },
    async claimUnknown(limit, leaseSeconds) {
      const rows =
        await sql`select worker.claim_unknown(${workerId}, ${limit}::int, ${leaseSeconds}::int) as attempt`;
      return rows.map((row) => unknownAttempt.parse(row['attempt']));
    },
    async resolveUnknown(attemptId, result) {
      const json = JSON.stringify(result);
      const [row] =
        await sql`select worker.resolve_unknown(${attemptId}::uuid, ${json}::text::jsonb) as decision`;
      return z.string().parse(row?.['decision']);
    },
    async engineState() {
      const [row] = await sql`select worker.engine_metrics() as state`;
      return engineState.parse(row?.['state']);
    },
  };
}

function recallCalls(sql: Statement, workerId: string): Pick<Queue, 'claimRecalls' | 'resolveRecall'> {
  return {
    async claimRecalls(limit, leaseSeconds) {
      const rows =
        await sql`select worker.claim_recalls(${workerId}, ${limit}::int, ${leaseSeconds}::int) as recall`;
      return rows.map((row) => wantedRecall.parse(row['recall']));
    },
    async resolveRecall(recallId, result) {
      const json = JSON.stringify(result);
      const [row] =
        await sql`select worker.resolve_recall(${recallId}::uuid, ${json}::text::jsonb) as decision`;
      return z.string().parse(row?.['decision']);
    },
  };
}

function reportCalls(
  sql: Statement,
  workerId: string,
): Pick<Queue, 'claimMissingReports' | 'resolveMissingReport'> {
  return {
    async claimMissingReports(limit, leaseSeconds) {
      const rows = await sql`
        select worker.claim_missing_reports(${workerId}, ${limit}::int, ${leaseSeconds}::int) as report`;
      return rows.map((row) => missingReport.parse(row['report']));
    },
    async resolveMissingReport(attemptId, answer) {
      const json = JSON.stringify(answer);
      const [row] = await sql`
        select worker.resolve_missing_report(${attemptId}::uuid, ${json}::text::jsonb) as decision`;
      return z.string().parse(row?.['decision']);
    },
  };
}

function mediaCalls(sql: Statement, workerId: string): Pick<Queue, 'claimMedia' | 'completeMedia'> {
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
