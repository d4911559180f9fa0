import { z } from 'zod';

/** Most jobs of one call of `enqueue_batch`. */
export const MAX_BATCH_SIZE = 10_000;

/** E.164 (ITU-T): 7 to 15 digits. Which of them can exist is for the database to say. */
export const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number in E.164 form, such as +13125550142')
  .meta({ description: 'Phone number in E.164 form', examples: ['+13125550142'] });

export const organizationId = z.uuid('must be the UUID of your organization');
export const jobId = z.uuid('must be the UUID of a job').meta({ description: 'Id of a job' });

const noInstant = 'must be a moment with its offset, such as 2026-11-20T15:30:00-05:00';

/** RFC 3339 has a year 0 and offsets up to 23:59. Postgres has neither, and nobody lives where they are. */
const postgresInstant = /^(?!0000).*(?:Z|[+-](?:0\d|1[0-5]):\d\d)$/;

/** A moment with its offset (RFC 3339): a time without one would mean another moment on another machine. */
export const instant = z.iso
  .datetime({ offset: true, error: noInstant, abort: true })
  .refine((text) => postgresInstant.test(text), noInstant)
  .meta({ examples: ['2026-11-20T15:30:00-05:00'] });

export const jobClasses = ['conversational', 'transactional', 'marketing', 'urgent'] as const;
export const priorities = ['urgent', 'high', 'normal'] as const;

/** Postgres keeps no NUL and no half of a surrogate pair, and one of them would fail the whole call. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

const unstorable = 'has a character that cannot be stored (NUL, or half of an emoji)';

function isSmallJson(value: unknown): boolean {
  try {
    const text = JSON.stringify(value, (key, part: unknown) => {
      if (!isStorable(key) || (typeof part === 'string' && !isStorable(part)))
        throw new TypeError(unstorable);
      return part;
    });
    return text.length <= 10_000;
  } catch {
    return false;
  }
}

const variableValue = z.union([
  z.string().max(1600).refine(isStorable, unstorable),
  z.number(),
  z.boolean(),
  z.null(),
]);

/** What the fields of a job may hold, whatever they are called where they come from. */
export const jobFields = {
  to: phoneNumber.describe('Who is texted'),
  from: phoneNumber.describe('One of your numbers; without it the first active one of the organization'),
  body: z
    .string()
    .min(1, 'must not be empty')
    .max(1600, 'must have at most 1600 characters (UTF-16 units)')
    .refine(isStorable, unstorable)
    .describe('The text, at most 1600 UTF-16 units; or give `template`'),
  template: z
    .string()
    .regex(/^[a-z0-9]+([_-][a-z0-9]+)*$/, 'must be the key of a template, such as visit_reminder')
    .max(64)
    .describe('Key of a template of the team; or give `body`'),
  variables: z
    .record(z.string().refine(isStorable, unstorable), variableValue)
    .describe('What the template is filled with'),
  class: z
    .enum(jobClasses)
    .describe('What kind of text it is: quiet hours and limits depend on it. Default: transactional'),
  priority: z
    .enum(priorities)
    .describe(
      'Urgent and high go ahead of normal ones. Default: normal; of reminders: by how soon they are due',
    ),
  scheduledFor: instant.describe('Not before this moment, at most a year ahead. Default: now'),
  sendBefore: instant.describe('Not after this moment: what could not be sent by then expires'),
  dueAt: instant.describe('When the appointment is that the reminder is about'),
  idempotencyKey: z
    .string()
    .min(1, 'must not be empty')
    .max(200, 'must have at most 200 characters')
    .refine(isStorable, unstorable)
    .describe('The same key is the same message, however often it is sent'),
  dedupeWindowSeconds: z
    .int()
    .min(0)
    .max(2_592_000)
    .describe('Refuse the same text to the same number within this time; 0 switches it off. Default: 300'),
  maxRetries: z.int().min(0).max(20).describe('How often a failure that may pass is tried again. Default: 6'),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(isSmallJson, 'must be JSON of at most 10,000 characters, all of which can be stored')
    .describe('Any JSON, kept with the job for you to find it again'),
  carrierScheduling: z
    .boolean()
    .describe(
      'Let the carrier keep a scheduled message until its time: refused where it cannot. Default: false, it waits in the database',
    ),
} as const;

interface Content {
  readonly body?: string | undefined;
  readonly template?: string | undefined;
  readonly variables?: object | undefined;
}

/** A job has a text or a template to make it from. */
export function checkContent(context: z.core.ParsePayload<Content>): void {
  const { body, template, variables } = context.value;
  const refuse = (path: keyof Content, message: string) =>
    context.issues.push({ code: 'custom', input: context.value, path: [path], message });
  if (body === undefined && template === undefined) refuse('body', 'is missing: give a body or a template');
  if (body !== undefined && template !== undefined)
    refuse('template', 'cannot be given together with a body');
  if (variables !== undefined && template === undefined && body !== undefined) {
    refuse('variables', 'belong to a template; a body is sent as it is');
  }
}
