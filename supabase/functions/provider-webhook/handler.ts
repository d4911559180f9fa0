import { findProvider, openWebhook, webhookAddress } from '@threadline/providers';
import type { Provider, ProviderAccount, WebhookEvent } from '@threadline/providers';
import type { Log } from '../_shared/logger.ts';
import { readBody } from '../_shared/read-body.ts';
import { RpcFailure } from '../_shared/rpc.ts';
import type { Rpc } from '../_shared/rpc.ts';
import { eventCall, parseEventResult } from './event.ts';
import type { EventCall } from './event.ts';

/** Ten times what the longest text with ten pictures can come to. */
const LARGEST_BODY_BYTES = 256 * 1024;

export interface Deps {
  readonly accounts: readonly ProviderAccount[];
  readonly publicWebhookBase: string;
  readonly rpc: Rpc;
  readonly log: Log;
}

/**
 * Takes one webhook of any carrier: verify the raw request, then hand the event to one SQL function.
 * Nothing is written before the signature is proven. 2xx means kept for good; 5xx asks for it again.
 */
export async function handle(request: Request, deps: Deps): Promise<Response> {
  const provider = matchProvider(request);
  if (provider === undefined) return new Response(null, { status: 404 });
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } });
  const rawBody = await readBody(request, LARGEST_BODY_BYTES);
  if (rawBody === null) return refuse(deps, provider, 413, 'body_too_large');
  const webhook = { url: publicUrl(request, provider, deps), headers: request.headers, rawBody };
  const opened = await openWebhook(provider, deps.accounts, webhook);
  switch (opened.kind) {
    case 'malformed':
      return refuse(deps, provider, 400, `malformed_${opened.problem}`);
    case 'refused':
      return refuse(deps, provider, opened.verdict === 'missing' ? 400 : 403, `signature_${opened.verdict}`);
    case 'authentic':
      return record(provider, opened.account, opened.event, deps);
  }
}

/** Hosted calls us with the prefix already stripped, some gateways do not. */
function matchProvider(request: Request): Provider | undefined {
  const match = /^(?:\/functions\/v1)?\/provider-webhook\/([^/]+)$/.exec(new URL(request.url).pathname);
  return match?.[1] === undefined ? undefined : findProvider(match[1]);
}

/** The carrier signed the address it was given, which is not the one a proxy called us by; only the query is taken over. */
function publicUrl(request: Request, provider: Provider, deps: Deps): string {
  const queryStart = request.url.indexOf('?');
  const rawQuery = queryStart === -1 ? '' : request.url.slice(queryStart);
  return webhookAddress(deps.publicWebhookBase, provider.name) + rawQuery;
}

async function record(
  provider: Provider,
  account: ProviderAccount,
  event: WebhookEvent,
  deps: Deps,
): Promise<Response> {
  const facts = describeEvent(provider, event);
  const call = eventCall(account, event);
  if (call === null) {
    deps.log('warn', 'webhook_unrecognized', facts);
    return acknowledge(provider, event);
  }
  const outcome = await callDatabase(call, deps);
  if (outcome.status !== 200) {
    deps.log('error', 'webhook_not_recorded', { ...facts, reason: outcome.reason });
    return new Response(null, { status: outcome.status });
  }
  deps.log(outcome.outcome === 'failed' ? 'warn' : 'info', 'webhook_recorded', {
    ...facts,
    outcome: outcome.outcome,
    reason: outcome.reason,
  });
  return acknowledge(provider, event);
}

type DatabaseOutcome =
  | { readonly status: 200; readonly outcome: string; readonly reason: string | null }
  | { readonly status: 500 | 503; readonly reason: string | null };

async function callDatabase(call: EventCall, deps: Deps): Promise<DatabaseOutcome> {
  try {
    const result = parseEventResult(await deps.rpc(call.functionName, call.parameters));
    if (result === null) return { status: 500, reason: 'answer_not_understood' };
    if (result.outcome === 'failed' && result.retry) return { status: 503, reason: result.reason };
    return { status: 200, outcome: result.outcome, reason: result.reason };
  } catch (failure) {
    if (!(failure instanceof RpcFailure)) return { status: 500, reason: 'unexpected' };
    return { status: failure.transient ? 503 : 500, reason: failure.code ?? 'no_answer' };
  }
}

function acknowledge(provider: Provider, event: WebhookEvent): Response {
  const answer = provider.acknowledge(event);
  const headers = answer.contentType === null ? {} : { 'content-type': answer.contentType };
  return new Response(answer.body, { status: answer.status, headers });
}

function refuse(deps: Deps, provider: Provider, status: 400 | 403 | 413, reason: string): Response {
  deps.log('warn', 'webhook_refused', { provider: provider.name, status, reason });
  return new Response(null, { status });
}

function describeEvent(provider: Provider, event: WebhookEvent) {
  const common = { provider: provider.name, kind: event.kind };
  if (event.kind === 'unrecognized') return common;
  const withMessage = { ...common, provider_message_id: event.providerMessageId };
  if (event.kind === 'inbound') return withMessage;
  return { ...withMessage, attempt_id: event.attemptId, provider_status: event.providerStatus };
}
