/** A job handed to this worker, with its committed attempt. */
export interface ClaimedJob {
  readonly job_id: string;
  readonly attempt_id: string;
  /** Null until the words of a template are frozen. */
  readonly message_id: string | null;
  readonly organization_id: string;
  readonly thread_id: string;
  readonly provider_account_id: string;
  readonly provider: string;
  readonly credentials_ref: string;
  readonly from: string | null;
  readonly to: string;
  /** Null when there is a template to fill in. */
  readonly body: string | null;
  readonly template: JobTemplate | null;
  readonly messaging_service_sid: string | null;
  readonly media_paths: readonly string[];
  /** When the carrier is to send it, who keeps it until then; null: at once. */
  readonly schedule_at: Date | null;
  readonly retry_count: number;
  readonly queue: string;
  /** Milliseconds to wait before the carrier is called, so that number and account keep their pace. */
  readonly send_after_ms: number;
  /** The account was paused and nobody has seen it work since: this call is to find out. */
  readonly is_probe: boolean;
  /** Seconds from the moment it was due to this claim, both by the database's clock. */
  readonly waited_seconds: number;
  /** When the claim was begun, by performance.now(). */
  readonly claimed_at: number;
}

export interface JobTemplate {
  readonly body: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A job without what only rendering adds: ready for its carrier. */
export type WordedJob = ClaimedJob & { readonly body: string; readonly message_id: string };

export function isWorded(job: ClaimedJob): job is WordedJob {
  return job.body !== null && job.message_id !== null;
}

/** The database handed out something that is no job: its version is not the one this worker was built for. */
export class ClaimProblem extends Error {
  constructor(field: string) {
    super(`claimed job without a proper ${field}`);
    this.name = 'ClaimProblem';
  }
}

/** When a claim took place: by the database's clock, in milliseconds since the epoch, and by performance.now(). */
export interface ClaimTime {
  readonly database: number;
  readonly local: number;
}

/**
 * Reads what worker.claim answers. Written by hand, because a busy worker does this thousands of times a second.
 * @throws ClaimProblem naming the field at fault
 */
export function parseClaimedJob(value: unknown, at: ClaimTime): ClaimedJob {
  if (!isObject(value)) throw new ClaimProblem('shape');
  return {
    job_id: text(value, 'job_id'),
    attempt_id: text(value, 'attempt_id'),
    message_id: textOrNull(value, 'message_id'),
    organization_id: text(value, 'organization_id'),
    thread_id: text(value, 'thread_id'),
    provider_account_id: text(value, 'provider_account_id'),
    provider: text(value, 'provider'),
    credentials_ref: text(value, 'credentials_ref'),
    from: textOrNull(value, 'from'),
    to: text(value, 'to'),
    body: textOrNull(value, 'body'),
    template: template(value),
    messaging_service_sid: textOrNull(value, 'messaging_service_sid'),
    media_paths: texts(value, 'media_paths'),
    schedule_at: value['schedule_at'] == null ? null : new Date(instant(value, 'schedule_at')),
    retry_count: wholeNumber(value, 'retry_count'),
    queue: text(value, 'queue'),
    send_after_ms: wholeNumber(value, 'send_after_ms'),
    is_probe: value['is_probe'] === true,
    waited_seconds: Math.max(0, (at.database - instant(value, 'due_at')) / 1000),
    claimed_at: at.local,
  };
}

type Row = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(row: Row, field: string): string {
  const value = row[field];
  if (typeof value !== 'string') throw new ClaimProblem(field);
  return value;
}

function textOrNull(row: Row, field: string): string | null {
  return row[field] === null || row[field] === undefined ? null : text(row, field);
}

function wholeNumber(row: Row, field: string): number {
  const value = row[field];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new ClaimProblem(field);
  return value;
}

function instant(row: Row, field: string): number {
  const value = Date.parse(text(row, field));
  if (Number.isNaN(value)) throw new ClaimProblem(field);
  return value;
}

function texts(row: Row, field: string): readonly string[] {
  const value = row[field];
  if (!Array.isArray(value)) throw new ClaimProblem(field);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw new ClaimProblem(field);
    return item;
  });
}

function template(row: Row): JobTemplate | null {
  const value = row['template'];
  if (value === null || value === undefined) return null;
  if (!isObject(value) || !isObject(value['variables'])) throw new ClaimProblem('template');
  return { body: text(value, 'body'), variables: value['variables'] };
}
