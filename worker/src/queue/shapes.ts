import { z } from 'zod';

export const claimedMedia = z.object({
  media_id: z.string(),
  organization_id: z.string(),
  message_id: z.string(),
  position: z.number(),
  credentials_ref: z.string(),
  provider_url: z.string().nullable(),
});

export const unknownAttempt = z.object({
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

export const wantedRecall = z.object({
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

export const missingReport = z.object({
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

export const inboundLook = z.object({
  phone_number_id: z.string(),
  organization_id: z.string(),
  phone_number: z.string(),
  provider_account_id: z.string(),
  provider: z.string(),
  credentials_ref: z.string(),
  looks_back: z.boolean(),
  since: z.string(),
  until: z.string(),
});

export const takenText = z.object({
  outcome: z.enum(['processed', 'duplicate', 'ignored', 'failed']),
  reason: z.string().optional(),
});

export const frozenMessage = z.object({ attempt_id: z.string(), message_id: z.string(), body: z.string() });

export const sweepCounts = z.object({ skipped: z.boolean(), attempts_lost: z.number().default(0) });

export type ClaimedMedia = z.infer<typeof claimedMedia>;
/** An attempt that may or may not have reached its carrier, and is due to be looked up there. */
export type UnknownAttempt = z.infer<typeof unknownAttempt>;
/** A message that waits at its carrier and that somebody wants back. */
export type WantedRecall = z.infer<typeof wantedRecall>;
/** A message its carrier took and never reported on, and is due to be asked about. */
export type MissingReport = z.infer<typeof missingReport>;
/** A number whose carrier's log is due to be read, and from when until when. */
export type InboundLook = z.infer<typeof inboundLook>;
/** What became of a text from a log. */
export type TakenText = z.infer<typeof takenText>;
/** What a rendered text has become. */
export type FrozenMessage = z.infer<typeof frozenMessage>;
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

/** How reading a log went, as worker.resolve_inbound_look takes it. */
export type LookResult =
  | {
      readonly kind: 'read';
      readonly until: string;
      readonly looks_back: boolean;
      /** Texts that had to be fetched. */
      readonly found: number;
    }
  | { readonly kind: 'failed'; readonly retry_after_seconds: number | null };

/** The words of a template, filled in, as worker.freeze takes them. */
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
