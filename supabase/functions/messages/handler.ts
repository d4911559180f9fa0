import { isPassingError } from '@threadline/client/passing-errors';
import type { Log } from '../_shared/logger.ts';
import { RpcFailure } from '../_shared/rpc.ts';
import { readApiKey } from './api-key.ts';
import type { Cancellation, Database, Identity } from './database.ts';
import { enqueueList, enqueueOne } from './enqueue.ts';
import { openApiDocument } from './openapi.ts';
import { problemResponse, refusalResponse, statusOf } from './problem.ts';
import { readAs, readJson } from './request-body.ts';
import { messageChange } from './schemas.ts';

export interface Deps {
  readonly database: Database;
  readonly log: Log;
}

type Route =
  | { readonly kind: 'document' | 'messages' | 'unknown' }
  | { readonly kind: 'message'; readonly jobId: string };

const allowedMethods = {
  document: ['GET'],
  messages: ['POST'],
  message: ['GET', 'PATCH', 'DELETE'],
} as const;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Sending for programs with an API key. Every answer that is an error is a problem of RFC 9457. */
export async function handle(request: Request, deps: Deps): Promise<Response> {
  const route = findRoute(request);
  if (route.kind === 'unknown') return problemResponse(404, 'There is nothing at this address.');
  const methods: readonly string[] = allowedMethods[route.kind];
  if (!methods.includes(request.method)) {
    const allow = methods.join(', ');
    return problemResponse(405, `This address understands ${allow}.`, { headers: { allow } });
  }
  if (route.kind === 'document') return documentResponse();
  const facts: Facts = {};
  let response: Response;
  try {
    response = await answer(request, route, deps, facts);
  } catch (failure) {
    response = failureResponse(failure, route, facts);
  }
  deps.log(response.status >= 500 ? 'error' : 'info', 'messages_request', {
    method: request.method,
    status: response.status,
    ...facts,
  });
  return response;
}

/** What the log says of a request. */
type Facts = Record<string, string>;

/** Hosted calls us with the prefix already stripped, some gateways do not. */
function findRoute(request: Request): Route {
  const { pathname } = new URL(request.url);
  const path = /^(?:\/functions\/v1)?\/messages(?<rest>\/[^/]*)?$/.exec(pathname)?.groups;
  if (path === undefined) return { kind: 'unknown' };
  const rest = path['rest']?.slice(1) ?? '';
  if (rest === '') return { kind: 'messages' };
  if (rest === 'openapi.json') return { kind: 'document' };
  return { kind: 'message', jobId: rest };
}

function documentResponse(): Response {
  // Whoever draws documentation from it may do so from anywhere.
  return Response.json(openApiDocument(), { headers: { 'access-control-allow-origin': '*' } });
}

async function answer(
  request: Request,
  route: Exclude<Route, { kind: 'document' | 'unknown' }>,
  { database }: Deps,
  facts: Facts,
): Promise<Response> {
  const apiKeySha256 = await readApiKey(request);
  const identity = apiKeySha256 === null ? null : await database.authenticate(apiKeySha256, 1);
  if (apiKeySha256 === null || identity === null) return unauthorized();
  facts['organization_id'] = identity.organization_id;
  facts['api_key_id'] = identity.api_key_id;
  const tooFast = rateResponse(identity);
  if (tooFast !== null) return tooFast;
  if (route.kind === 'message') return answerOfOne(request, route.jobId, identity, database);
  const json = await readJson(request);
  if (!json.ok) return json.response;
  const isList = typeof json.value === 'object' && json.value !== null && 'messages' in json.value;
  if (!isList) return enqueueOne(request, json.value, identity, database);
  return enqueueList(request, json.value, identity, database, async (count) => {
    const more = await database.authenticate(apiKeySha256, count);
    return more === null ? unauthorized() : rateResponse(more);
  });
}

async function answerOfOne(
  request: Request,
  jobId: string,
  { organization_id: organizationId }: Identity,
  database: Database,
): Promise<Response> {
  if (!uuid.test(jobId)) return notFound();
  if (request.method === 'DELETE') return cancelResponse(await database.cancel(organizationId, jobId), jobId);
  if (request.method === 'PATCH') {
    const json = await readJson(request);
    if (!json.ok) return json.response;
    const change = readAs(messageChange, json.value);
    if (!change.ok) return change.response;
    return Response.json(
      await database.reschedule(organizationId, jobId, change.value.scheduled_for),
      noStore,
    );
  }
  const state = await database.find(organizationId, jobId);
  return state === null ? notFound() : Response.json(state, noStore);
}

const noStore = { headers: { 'cache-control': 'no-store' } };

function cancelResponse(cancellation: Cancellation | null, jobId: string): Response {
  if (cancellation === null || cancellation.code === 'TL001') return notFound();
  if (cancellation.outcome === 'refused') {
    return refusalResponse(cancellation.code ?? 'TL002', cancellation.message);
  }
  const isRequested = cancellation.outcome === 'requested';
  const state = {
    job_id: jobId,
    status: cancellation.status ?? 'cancelled',
    due_at: null,
    hold_reason: null,
  };
  return Response.json(state, { ...noStore, status: isRequested ? 202 : 200 });
}

function unauthorized(): Response {
  return problemResponse(401, 'Send a valid API key: Authorization: Bearer tl_live_…', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

function notFound(): Response {
  return problemResponse(404, 'There is no such message.');
}

function rateResponse({ retry_after_seconds: seconds }: Identity): Response | null {
  if (seconds == null) return null;
  const retryAfter = String(Math.max(1, Math.ceil(seconds)));
  return problemResponse(429, `This key sends too fast. Come again in ${retryAfter} s.`, {
    headers: { 'retry-after': retryAfter },
  });
}

function failureResponse(failure: unknown, route: Route, facts: Facts): Response {
  if (!(failure instanceof RpcFailure)) {
    facts['reason'] = failure instanceof Error ? failure.name : 'unexpected';
    return problemResponse(500, 'Something went wrong on our side.');
  }
  facts['reason'] = failure.code ?? 'no_answer';
  if (route.kind === 'message' && failure.code === 'TL001') return notFound();
  if (failure.code?.startsWith('TL') === true)
    return refusalResponse(failure.code, null, statusOf(failure.code));
  if (!failure.transient && !isPassingError(failure.code))
    return problemResponse(500, 'Something went wrong on our side.');
  return problemResponse(503, 'The database does not answer. Try again with the same Idempotency-Key.', {
    headers: { 'retry-after': '1' },
  });
}
