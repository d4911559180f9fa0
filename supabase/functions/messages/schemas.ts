import { checkContent, instant, jobFields, jobId } from '@threadline/client/job-fields';
import { z } from 'zod';

/** Most messages of one request. */
export const MAX_LIST_LENGTH = 1000;

export const messageRequest = z
  .strictObject({
    to: jobFields.to,
    from: jobFields.from.optional(),
    body: jobFields.body.optional(),
    template: jobFields.template.optional(),
    variables: jobFields.variables.optional(),
    class: jobFields.class.optional(),
    priority: jobFields.priority.optional(),
    scheduled_for: jobFields.scheduledFor.optional(),
    send_before: jobFields.sendBefore.optional(),
    idempotency_key: jobFields.idempotencyKey.optional(),
    dedupe_window_seconds: jobFields.dedupeWindowSeconds.optional(),
    max_retries: jobFields.maxRetries.optional(),
    metadata: jobFields.metadata.optional(),
    carrier_scheduling: jobFields.carrierScheduling.optional(),
  })
  .check(checkContent)
  .describe('One message to send: with a `body`, or with a `template` and its `variables`');

/** The messages are looked at one by one: one that is wrong does not stop the others. */
export const messageList = z
  .strictObject({ messages: z.array(z.unknown()).min(1).max(MAX_LIST_LENGTH) })
  .describe('Up to 1,000 messages');

export const messageChange = z
  .strictObject({ scheduled_for: instant.describe('The new time, at most a year ahead') })
  .describe('Another time for a message that waits');

const status = z
  .string()
  .describe('Where the message stands, such as queued, scheduled, held, at_carrier, sent or delivered');
const dueAt = instant.nullable().describe('When it goes out at the earliest');
const holdReason = z.string().nullable().describe('Why it is held, such as quiet_hours');

export const messageResponse = z
  .object({
    job_id: jobId,
    outcome: z
      .enum(['accepted', 'duplicate'])
      .describe('duplicate: it was there before, under the same idempotency key'),
    status,
    due_at: dueAt,
    hold_reason: holdReason,
  })
  .describe('The message is kept and will go out');

export const messageRefusal = z
  .object({
    outcome: z.literal('refused'),
    code: z.string().describe('TLnnn, or invalid_input for a message that is malformed'),
    message: z.string().describe('Why, as a sentence'),
  })
  .describe('The message will not go out');

const place = z.int().min(0).describe('Place in the list, from 0');

export const listResponse = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    refused: z.int(),
    results: z.array(
      z.union([messageResponse.extend({ index: place }), messageRefusal.extend({ index: place })]),
    ),
  })
  .describe('What became of each message, in the order of the list');

export const messageState = z
  .looseObject({ job_id: jobId, status, due_at: dueAt, hold_reason: holdReason })
  .describe('Where a message stands');

export const problem = z
  .looseObject({
    type: z.string().describe('about:blank, or a URN that ends in the name of the error'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().optional().describe('TLnnn, see docs/error-codes.md'),
    errors: z
      .array(z.object({ pointer: z.string().describe('JSON Pointer into the request'), detail: z.string() }))
      .optional(),
  })
  .describe('What went wrong (RFC 9457)');

export type ListEntry = z.output<typeof listResponse>['results'][number];
