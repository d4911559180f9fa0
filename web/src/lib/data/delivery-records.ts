import { moment } from './records.ts';
import { z } from './schema.ts';

export const messageClasses = ['conversational', 'transactional', 'urgent', 'marketing'] as const;

export const messageClass = z.enum(messageClasses);

const count = z.int().nonnegative();

export const alert = z.object({
  id: z.guid(),
  kind: z.string(),
  severity: z.enum(['warning', 'critical']),
  subject_id: z.string(),
  details: z.record(z.string(), z.unknown()),
  opened_at: moment,
  seen_at: moment,
  acknowledged_at: moment.nullable(),
});

export const closedAlert = alert.extend({ closed_at: moment });

export const account = z.object({
  id: z.guid(),
  label: z.string(),
  provider: z.string(),
  status: z.enum(['active', 'disabled']),
  paused_until: moment.nullable(),
  pause_reason: z.string().nullable(),
  daily_cap: count.nullable(),
  used_today: count,
  lines: count,
});

export const numberFigures = z.object({
  id: z.guid(),
  phone_number: z.string(),
  label: z.string(),
  status: z.enum(['active', 'paused']),
  segments_per_second: z.number(),
  daily_cap: count.nullable(),
  used_today: count,
  oldest_waiting_seconds: z.number(),
});

/** The state of the engine as an admin sees it. All moments are the database's, so they can be compared. */
export const queueHealth = z.object({
  counts: z.record(z.string(), count),
  held: z.record(z.string(), count),
  oldest_waiting_seconds: z.number(),
  undecided: count,
  dead_letters: count,
  accounts: z.array(account),
  numbers: z.array(numberFigures),
  alerts: z.array(alert),
  worker_seen_at: moment.nullable(),
  checked_at: moment,
});

export const deliveryNotice = z.object({ undecided: count, alerts: count, is_critical: z.boolean() });

const attempt = z.object({
  attempt_id: z.guid(),
  state: z.string(),
  started_at: moment,
  finished_at: moment.nullable(),
  http_status: z.int().nullable(),
  error_code: z.string().nullable(),
  error_message: z.string().nullable(),
  look_ups: count,
  look_up_after: moment.nullable(),
});

/** A job that needs somebody's eyes. */
const troubledJob = z.object({
  job_id: z.guid(),
  thread_id: z.guid(),
  to: z.string(),
  from: z.string(),
  contact_name: z.string().nullable(),
  class: messageClass,
  /** Null while its template was never filled in. */
  body: z.string().nullable(),
  error: z
    .object({ code: z.string().optional(), text: z.string().optional(), reason: z.string().optional() })
    .optional(),
  created_at: moment,
  updated_at: moment,
  attempts: z.array(attempt),
});

export const unknownSend = troubledJob.extend({
  is_asked: z.boolean(),
  sent_again_as: z.guid().nullable(),
});

export const deadLetter = troubledJob.extend({ retry_count: count });

/** `code` is empty where no error was given. */
export const deadLetterKind = z.object({ code: z.string(), text: z.string().nullable(), count });

/** What sending again came to: a new job, the one there was already, or a refusal with its reason. */
export const replayResult = z.object({
  outcome: z.enum(['accepted', 'duplicate', 'refused']),
  message: z.string().optional(),
});

export type MessageClass = z.infer<typeof messageClass>;
export type Alert = z.infer<typeof alert>;
export type ClosedAlert = z.infer<typeof closedAlert>;
export type CarrierAccount = z.infer<typeof account>;
export type NumberFigures = z.infer<typeof numberFigures>;
export type QueueHealth = z.infer<typeof queueHealth>;
export type DeliveryNotice = z.infer<typeof deliveryNotice>;
export type SendAttempt = z.infer<typeof attempt>;
export type TroubledJob = z.infer<typeof troubledJob>;
export type UnknownSend = z.infer<typeof unknownSend>;
export type DeadLetter = z.infer<typeof deadLetter>;
export type DeadLetterKind = z.infer<typeof deadLetterKind>;
export type ReplayResult = z.infer<typeof replayResult>;
