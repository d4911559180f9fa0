import { z } from 'zod';
import { InvalidInputError } from './errors.ts';
import type { InputProblem } from './errors.ts';
import { checkContent, jobFields } from './job-fields.ts';

/** A `Date`, or text with an offset (RFC 3339). */
const moment = z.union(
  [
    z
      .date()
      .transform((date) => date.toISOString())
      .pipe(jobFields.scheduledFor),
    jobFields.scheduledFor,
  ],
  'must be a Date, or a text with its offset such as 2026-11-20T15:30:00-05:00',
);

const optional = {
  from: jobFields.from.optional(),
  body: jobFields.body.optional(),
  template: jobFields.template.optional(),
  variables: jobFields.variables.optional(),
  class: jobFields.class.optional(),
  priority: jobFields.priority.optional(),
  scheduledFor: moment.optional(),
  sendBefore: moment.optional(),
  idempotencyKey: jobFields.idempotencyKey.optional(),
  dedupeWindowSeconds: jobFields.dedupeWindowSeconds.optional(),
  maxRetries: jobFields.maxRetries.optional(),
  metadata: jobFields.metadata.optional(),
  carrierScheduling: jobFields.carrierScheduling.optional(),
};

const jobSchema = z.strictObject({ to: jobFields.to, ...optional }).check(checkContent);
const reminderSchema = z.strictObject({ to: jobFields.to, dueAt: moment, ...optional }).check(checkContent);

/** One message to send. */
export type Job = z.input<typeof jobSchema>;
/** One message about something that happens at `dueAt`; how soon that is gives it its priority. */
export type Reminder = z.input<typeof reminderSchema>;

/** So that what is missing can be told from what is wrong. */
const withInput = { reportInput: true };

/** A job as the SQL functions read it, with the key that makes it safe to send twice. */
export interface WireJob {
  readonly idempotency_key: string;
  readonly [field: string]: unknown;
}

export interface PreparedJob {
  readonly wire: WireJob;
  /** The key was made here, so nobody else can have used it. */
  readonly keyIsOurs: boolean;
}

export type Preparation =
  | { readonly ok: true; readonly job: PreparedJob }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

export function prepareJob(job: unknown): Preparation {
  return prepare(jobSchema.safeParse(job, withInput));
}

/** @throws InvalidInputError */
export function prepareReminder(reminder: unknown): PreparedJob {
  return orThrow(prepare(reminderSchema.safeParse(reminder, withInput)));
}

/** @throws InvalidInputError */
export function orThrow(preparation: Preparation): PreparedJob {
  if (!preparation.ok) throw new InvalidInputError(preparation.problems);
  return preparation.job;
}

/** @throws InvalidInputError */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, withInput);
  if (!parsed.success) throw new InvalidInputError(problemsOf(parsed.error));
  return parsed.data;
}

/** A moment for the wire. @throws InvalidInputError */
export function parseMoment(name: string, value: unknown): string {
  return parseInput(z.object({ [name]: moment }), { [name]: value })[name] ?? '';
}

function prepare(parsed: z.ZodSafeParseResult<z.output<typeof jobSchema>>): Preparation {
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { idempotencyKey, ...fields } = parsed.data;
  const wire = Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [toSnakeCase(name), value]),
  );
  return {
    ok: true,
    job: {
      wire: { ...wire, idempotency_key: idempotencyKey ?? crypto.randomUUID() },
      keyIsOurs: idempotencyKey === undefined,
    },
  };
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function problemsOf(error: z.ZodError): InputProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not a field we know' }))
      : [{ path: issue.path.join('.'), message: describeIssue(issue) }],
  );
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is missing';
  return issue.message.startsWith('Invalid') ? `is not valid (${issue.message})` : issue.message;
}
