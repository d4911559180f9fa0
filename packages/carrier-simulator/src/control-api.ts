import { Hono } from 'hono';
import { z } from 'zod';
import { e164Pattern } from './core/account.ts';
import type { CarrierCore } from './core/carrier-core.ts';
import { faultsSchema } from './core/faults.ts';
import type { CallbackPost, CarrierMessage } from './core/message.ts';
import { receiveText } from './inbound-texts.ts';

const phoneNumber = z.string().regex(e164Pattern, 'must be a phone number in E.164, such as +13125550142');

const instant = z.union([z.number(), z.string()]).transform((given, context) => {
  // A plus sign typed into a query arrives as a space.
  const text = String(given).replace(/ (?=\d\d:?\d\d$)/, '+');
  const parsed = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(parsed) || parsed < 0)
    context.addIssue({ code: 'custom', message: 'must be ISO 8601 or epoch milliseconds' });
  return parsed;
});

const inboundSchema = z
  .strictObject({
    from: phoneNumber,
    to: phoneNumber,
    body: z.string().max(1600).nullish(),
    mediaUrls: z
      .array(z.string().regex(/^(https?:|data:)/, 'must be an http, https or data URL'))
      .max(10)
      .nullish(),
    sentAt: instant.nullish(),
  })
  .refine(
    ({ body, mediaUrls }) => (body ?? '') !== '' || (mediaUrls ?? []).length > 0,
    'needs a body or mediaUrls',
  );

const advanceSchema = z.strictObject({ seconds: z.number().positive() });

const messagesSchema = z.object({
  to: z.string().optional(),
  from: z.string().optional(),
  since: instant.optional(),
  afterSequence: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).optional(),
  direction: z.enum(['outbound', 'inbound', 'all']).default('outbound'),
});

/** The levers of the simulation, for tests and for the handset page. */
export function controlApi(core: CarrierCore, publicUrl: () => string): Hono {
  const app = new Hono();

  app.post('/inbound', async (context) => {
    const input = inboundSchema.safeParse(await readJson(context.req.raw));
    if (!input.success) return context.json(explain(input.error), 400);
    const { from, to, body, mediaUrls, sentAt } = input.data;
    const account = core.accounts.byNumber(to);
    if (!account) return context.json({ error: `No account of this carrier has the number ${to}.` }, 404);
    return context.json(
      await receiveText(
        core,
        account,
        { from, to, body: body ?? '', mediaUrls: mediaUrls ?? [], ...(sentAt == null ? {} : { sentAt }) },
        publicUrl(),
      ),
    );
  });

  app.get('/messages', (context) => {
    const query = messagesSchema.safeParse(withoutBlanks(context.req.query()));
    if (!query.success) return context.json(explain(query.error), 400);
    const messages = selectMessages(core, query.data).map((message) => describeMessage(core, message));
    return context.json({ messages, count: messages.length, lastSequence: core.log.lastSequence });
  });

  app.get('/faults', (context) => context.json(core.faults.current));

  app.put('/faults', async (context) => {
    const settings = faultsSchema.safeParse(await readJson(context.req.raw));
    if (!settings.success) return context.json(explain(settings.error), 400);
    return context.json(core.faults.set(settings.data));
  });

  app.post('/advance', async (context) => {
    const input = advanceSchema.safeParse(await readJson(context.req.raw));
    if (!input.success) return context.json(explain(input.error), 400);
    let moved = 0;
    for (const message of core.log.after(0)) {
      if (core.delivery.hasten(message, input.data.seconds * 1000)) moved += 1;
    }
    return context.json({ moved });
  });

  app.post('/reset', (context) => {
    core.reset();
    return context.json({ reset: true });
  });

  app.get('/status', (context) =>
    context.json({
      held: core.log.size,
      lastSequence: core.log.lastSequence,
      callbackBacklog: core.callbacks.backlog,
    }),
  );

  return app;
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}

function withoutBlanks(query: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    // A plus sign typed into a query arrives as a space.
    Object.entries(query).flatMap(([name, value]) =>
      value === '' ? [] : [[name, value.replace(/^ /, '+')]],
    ),
  );
}

function explain(error: z.ZodError) {
  const problems = error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  return { error: problems.join('; '), problems };
}

function selectMessages(core: CarrierCore, query: z.output<typeof messagesSchema>): CarrierMessage[] {
  const found: CarrierMessage[] = [];
  for (const message of core.log.after(query.afterSequence)) {
    if (found.length === query.limit) break;
    const inbound = message.origin === 'inbound';
    // What the carrier says by itself, in answer to STOP, nobody submitted.
    if (
      message.origin === 'automatic' ||
      (query.direction !== 'all' && inbound !== (query.direction === 'inbound'))
    )
      continue;
    if (query.to !== undefined && message.to !== query.to) continue;
    if (query.from !== undefined && message.from !== query.from) continue;
    if (query.since !== undefined && message.submittedAt < query.since) continue;
    found.push(message);
  }
  return found;
}

/** A message as `GET /control/messages` tells it. */
export type MessageRecord = ReturnType<typeof describeMessage>;

function describeMessage(core: CarrierCore, message: CarrierMessage) {
  return {
    sequence: message.sequence,
    sid: message.sid,
    accountSid: message.accountSid,
    provider: core.accounts.bySid(message.accountSid)?.provider ?? null,
    direction: message.origin === 'inbound' ? 'inbound' : 'outbound',
    origin: message.origin,
    from: message.from,
    to: message.to,
    body: message.body,
    status: message.status,
    errorCode: message.errorCode,
    messagingServiceSid: message.messagingServiceSid,
    statusCallback: message.statusCallback,
    segments: message.segments,
    mediaUrls: message.media.map(({ sourceUrl }) => sourceUrl),
    parameters: message.parameters,
    submittedAt: new Date(message.submittedAt).toISOString(),
    submittedAtMs: message.submittedAt,
    answeredAtMs: message.answeredAt,
    transitions: message.transitions,
    callbacks: message.callbacks.map(describeCallback),
  };
}

function describeCallback({ at, ...callback }: CallbackPost) {
  return { ...callback, at: new Date(at).toISOString(), atMs: at };
}
