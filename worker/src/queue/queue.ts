import type { InboundRecord } from '@threadline/providers';
import { z } from 'zod';
import type { Row, Statement } from '../database.ts';
import { engineState } from '../engine-metrics.ts';
import type { EngineState } from '../engine-metrics.ts';
import { parseClaimedJob } from './claimed-job.ts';
import type { ClaimedJob } from './claimed-job.ts';
import type { AttemptOutcome } from './outcome.ts';
import {
  claimedMedia,
  frozenMessage,
  inboundLook,
  missingReport,
  sweepCounts,
  takenText,
  unknownAttempt,
  wantedRecall,
} from './shapes.ts';
import type {
  AccountEvent,
  ClaimedMedia,
  CompletedMedia,
  FrozenMessage,
  FrozenText,
  InboundLook,
  LookResult,
  LookUpResult,
  MissingReport,
  RecallResult,
  ReportAnswer,
  SweepCounts,
  TakenText,
  UnknownAttempt,
  WantedRecall,
} from './shapes.ts';

/** Every SQL function the worker may call: one method, one statement. All throw what the database throws. */
export interface Queue {
  claim(limit: number, leaseSeconds: number): Promise<ClaimedJob[]>;
  /** Filled-in templates become the words of their messages; answers those that were still ours to word. */
  freeze(texts: readonly FrozenText[]): Promise<FrozenMessage[]>;
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
  /** Acts again on one carrier event that had failed; false when none is due. */
  replayEvent(): Promise<boolean>;
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
  /** Numbers whose logs are to be read; each comes again after its lease unless it was resolved. */
  claimInboundLooks(limit: number, leaseSeconds: number): Promise<InboundLook[]>;
  /** Which of these texts, by the carrier's ids, never reached us. */
  unknownTexts(phoneNumberId: string, providerMessageIds: readonly string[]): Promise<string[]>;
  /** Takes a text from the log of a number as if its webhook had come, with `sent_at`. */
  takeMissingText(phoneNumberId: string, text: InboundRecord): Promise<TakenText>;
  resolveInboundLook(phoneNumberId: string, result: LookResult): Promise<void>;
  engineState(): Promise<EngineState>;
  reportAccount(providerAccountId: string, event: AccountEvent): Promise<void>;
}

export function createQueue(sql: Statement, workerId: string): Queue {
  return {
    ...jobCalls(sql, workerId),
    ...idleCalls(sql, workerId),
    ...mediaCalls(sql, workerId),
    ...carrierCalls(sql, workerId),
    ...inboundCalls(sql, workerId),
    sweep: () => read(sweepCounts, sql`select worker.sweep()`),
    replayEvent: () => read(z.boolean(), sql`select worker.replay_event()`),
    engineState: () => read(engineState, sql`select worker.engine_metrics()`),
    async reportAccount(providerAccountId, event) {
      await sql`select worker.report_account(${providerAccountId}::uuid, ${json(event)}::text::jsonb)`;
    },
  };
}

type JobCalls = 'claim' | 'freeze' | 'confirm' | 'complete' | 'release' | 'releaseUnheld' | 'extend';

function jobCalls(sql: Statement, workerId: string): Pick<Queue, JobCalls> {
  return {
    async claim(limit, leaseSeconds) {
      const local = performance.now();
      // One row with everything: the driver's work is by the row.
      const [row] = await sql`
        select coalesce(jsonb_agg(c), '[]') as jobs, extract(epoch from clock_timestamp())::float8 * 1000 as now
        from worker.claim(${workerId}, ${limit}::int, ${leaseSeconds}::int) c`;
      const at = { database: z.number().parse(row?.['now']), local };
      const jobs = z.array(z.unknown()).parse(row?.['jobs']);
      return jobs.map((job) => parseClaimedJob(job, at));
    },
    freeze: (texts) =>
      readAll(frozenMessage, sql`select worker.freeze(${workerId}, ${json(texts)}::text::jsonb)`),
    confirm: (ids) =>
      read(
        z.array(z.string()),
        sql`select coalesce(jsonb_agg(c), '[]') from worker.confirm(${workerId}, ${uuidArray(ids)}::text::uuid[]) c`,
      ),
    complete: (outcomes) =>
      read(z.number(), sql`select worker.complete(${workerId}, ${json(outcomes)}::text::jsonb)`),
    release: (ids) =>
      read(z.number(), sql`select worker.release(${workerId}, ${uuidArray(ids)}::text::uuid[])`),
    releaseUnheld: (ids) =>
      read(z.number(), sql`select worker.release_unheld(${workerId}, ${uuidArray(ids)}::text::uuid[])`),
    extend: (ids, seconds) =>
      read(
        z.number(),
        sql`select worker.extend(${workerId}, ${uuidArray(ids)}::text::uuid[], ${seconds}::int)`,
      ),
  };
}

function idleCalls(sql: Statement, workerId: string): Pick<Queue, 'fallAsleep' | 'wakeUp' | 'nextDueMs'> {
  return {
    fallAsleep: (seconds) => read(z.boolean(), sql`select worker.fall_asleep(${workerId}, ${seconds}::int)`),
    async wakeUp() {
      await sql`select worker.wake_up(${workerId})`;
    },
    nextDueMs: () =>
      read(
        z.number().nullable(),
        sql`select extract(epoch from worker.next_due() - clock_timestamp())::float8 * 1000`,
      ),
  };
}

function mediaCalls(sql: Statement, workerId: string): Pick<Queue, 'claimMedia' | 'completeMedia'> {
  return {
    claimMedia: (limit, seconds) =>
      readAll(claimedMedia, sql`select worker.claim_media(${workerId}, ${limit}::int, ${seconds}::int)`),
    async completeMedia(media) {
      await sql`select worker.complete_media(${media.mediaId}::uuid, ${media.status}, ${media.storagePath}::text,
        ${media.contentType}::text, ${media.sizeBytes}::bigint, ${media.reason}::text)`;
    },
  };
}

type CarrierCalls =
  | 'claimUnknown'
  | 'resolveUnknown'
  | 'claimRecalls'
  | 'resolveRecall'
  | 'claimMissingReports'
  | 'resolveMissingReport';

/** What a carrier is asked about beside sending: each claim leases, each resolving answers what it led to. */
function carrierCalls(sql: Statement, workerId: string): Pick<Queue, CarrierCalls> {
  const decision = z.string();
  return {
    claimUnknown: (limit, seconds) =>
      readAll(unknownAttempt, sql`select worker.claim_unknown(${workerId}, ${limit}::int, ${seconds}::int)`),
    resolveUnknown: (id, result) =>
      read(decision, sql`select worker.resolve_unknown(${id}::uuid, ${json(result)}::text::jsonb)`),
    claimRecalls: (limit, seconds) =>
      readAll(wantedRecall, sql`select worker.claim_recalls(${workerId}, ${limit}::int, ${seconds}::int)`),
    resolveRecall: (id, result) =>
      read(decision, sql`select worker.resolve_recall(${id}::uuid, ${json(result)}::text::jsonb)`),
    claimMissingReports: (limit, seconds) =>
      readAll(
        missingReport,
        sql`select worker.claim_missing_reports(${workerId}, ${limit}::int, ${seconds}::int)`,
      ),
    resolveMissingReport: (id, answer) =>
      read(decision, sql`select worker.resolve_missing_report(${id}::uuid, ${json(answer)}::text::jsonb)`),
  };
}

type InboundCalls = 'claimInboundLooks' | 'unknownTexts' | 'takeMissingText' | 'resolveInboundLook';

/** What carriers' logs are read for. */
function inboundCalls(sql: Statement, workerId: string): Pick<Queue, InboundCalls> {
  return {
    claimInboundLooks: (limit, seconds) =>
      readAll(
        inboundLook,
        sql`select worker.claim_inbound_looks(${workerId}, ${limit}::int, ${seconds}::int)`,
      ),
    // As JSON: ids that a carrier made may hold any character.
    unknownTexts: (id, texts) =>
      read(z.array(z.string()), sql`select worker.unknown_texts(${id}::uuid, ${json(texts)}::text::jsonb)`),
    takeMissingText: (id, text) =>
      read(takenText, sql`select worker.take_missing_text(${id}::uuid, ${json(text)}::text::jsonb)`),
    async resolveInboundLook(id, result) {
      await sql`select worker.resolve_inbound_look(${id}::uuid, ${json(result)}::text::jsonb)`;
    },
  };
}

/** The one value a statement answers with. */
async function read<T>(shape: z.ZodType<T>, answer: Promise<readonly Row[]>): Promise<T> {
  const [row] = await answer;
  return shape.parse(valueOf(row));
}

/** The value of every row of a statement with one column. */
async function readAll<T>(shape: z.ZodType<T>, answer: Promise<readonly Row[]>): Promise<T[]> {
  return (await answer).map((row) => shape.parse(valueOf(row)));
}

function valueOf(row: Row | undefined): unknown {
  return row === undefined ? undefined : Object.values(row)[0];
}

/** As text: the driver would otherwise have to be told how to encode every optional field. */
function json(value: unknown): string {
  return JSON.stringify(value);
}

/** A Postgres array literal; ids carry no character that would need quoting. */
function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
