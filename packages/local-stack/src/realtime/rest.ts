import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, respond } from './http.ts';
import type { Answer } from './http.ts';
import { parseBatch, parseSingle } from './rest-messages.ts';
import type { RestMessage } from './rest-messages.ts';
import { tooManyMessages } from './context.ts';
import type { RealtimeContext } from './context.ts';
import { publishBroadcast } from './broadcast.ts';
import { policyHeaders } from './http.ts';
import type { Claims } from './tokens.ts';

const unauthorized: Answer = { status: 401, body: { message: 'Unauthorized' } };
const rateLimited: Answer = { status: 429, body: { message: 'You have exceeded your rate limit' } };
const batchTooLarge: Answer = {
  status: 429,
  body: { message: 'Too many messages to broadcast, please reduce the batch size' },
};
const accepted: Answer = { status: 202 };

type Caller = { claims: Claims; headers: Record<string, string> };

/** Answers `/api/…`: broadcasts over HTTP, one or many. */
export async function handleApi(
  context: RealtimeContext,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  respond(response, await answer(context, request, path, query));
}

async function answer(
  context: RealtimeContext,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 204 };
  const single = /^\/broadcast\/([^/]+)\/events\/([^/]+)\/?$/.exec(path);
  const isBatch = /^\/broadcast\/?$/.test(path);
  if (!single && !isBatch) return { status: 404, body: { message: 'Not found' } };
  if (request.method !== 'POST') return { status: 405, body: { message: 'Method not allowed' } };
  const caller = await identify(context, request);
  if (!caller) return unauthorized;
  const body = await readBody(request, context.limits.frameBytes);
  if (!body) return { status: 413, body: { message: 'Request body is too large' } };
  if (!single) return broadcastBatch(context, caller, body);
  const [, topic = '', event = ''] = single;
  return broadcastSingle(context, caller, {
    topic,
    event,
    query,
    body,
    type: request.headers['content-type'],
  });
}

async function broadcastBatch(context: RealtimeContext, caller: Caller, body: Buffer): Promise<Answer> {
  const parsed = parseBatch(body, context.limits);
  if (!parsed.ok) return parsed.answer;
  const { messages } = parsed;
  const rate = context.rates.messages.average();
  if (rate > context.limits.messagesPerSecond) return rateLimited;
  if (messages.length + rate > context.limits.messagesPerSecond) return batchTooLarge;
  const writable = new Map<string, Promise<boolean>>();
  for (const message of messages) {
    if (message.isPrivate && !writable.has(message.topic)) {
      writable.set(
        message.topic,
        mayWrite(context, caller, message.topic).then((outcome) => outcome === true),
      );
    }
    // A private topic the caller may not write to is skipped without a word.
    if (!message.isPrivate || (await writable.get(message.topic))) publish(context, message);
  }
  return accepted;
}

async function broadcastSingle(
  context: RealtimeContext,
  caller: Caller,
  input: Parameters<typeof parseSingle>[0],
): Promise<Answer> {
  const parsed = parseSingle(input, context.limits);
  if (!parsed.ok) return parsed.answer;
  if (tooManyMessages(context)) return rateLimited;
  const { message } = parsed;
  if (message.isPrivate) {
    const outcome = await mayWrite(context, caller, message.topic);
    if (outcome === 'unavailable') return { status: 422, body: { message: 'Tenant database unavailable' } };
    if (outcome === 'failed') return { status: 422, body: { message: 'RLS policy error' } };
    if (!outcome) return { status: 403, body: { message: 'Unauthorized' } };
  }
  publish(context, message);
  return accepted;
}

function publish(context: RealtimeContext, { topic, isPrivate, broadcast }: RestMessage): void {
  context.rates.messages.add();
  const found = context.registry.find({ isPrivate, name: topic });
  if (found) publishBroadcast(found, broadcast);
}

async function mayWrite(
  context: RealtimeContext,
  { claims, headers }: Caller,
  topic: string,
): Promise<boolean | 'failed' | 'unavailable'> {
  const outcome = await context.authorization.writable({ topic, claims, headers }, 'broadcast');
  if (outcome.ok) return outcome.value;
  context.log('warning', 'rest_broadcast_not_authorized', { reason: outcome.refusal.code });
  return outcome.refusal.code === 'Unauthorized' ? 'failed' : 'unavailable';
}

/** The bearer token where there is one, else the key. */
async function identify(context: RealtimeContext, request: IncomingMessage): Promise<Caller | undefined> {
  const { authorization, apikey } = request.headers;
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const token = bearer ?? (typeof apikey === 'string' ? apikey : undefined);
  if (token === undefined) return undefined;
  const verified = await context.verifier.verify(token);
  return verified.ok ? { claims: verified.bearer.claims, headers: policyHeaders(request) } : undefined;
}
