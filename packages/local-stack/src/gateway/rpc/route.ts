import type { Sql } from 'postgres';
import type { ApiKeys } from '../api-keys.ts';
import { asDatabaseError, databaseErrorAnswer } from '../database-error.ts';
import { callText } from './call-text.ts';
import { findCaller, type Caller } from './caller.ts';
import type { Catalogue, SqlFunction } from './catalogue.ts';

const single = 'application/vnd.pgrst.object+json';

export type RpcRoute = {
  /** Whether the request is of the plain kind answered here; everything else is lite's. */
  matches(request: Request): boolean;
  /** @param body the request's text @returns undefined to leave it to lite after all */
  answer(request: Request, body: string): Promise<Response | undefined>;
};

/**
 * Calls SQL functions for `POST /rest/v1/rpc/<name>` with a JSON object and no query. lite hands jsonb arguments on
 * as texts and needs ten round trips; this is PostgREST's way, in one transaction and three.
 */
export function createRpcRoute(
  sql: Sql,
  catalogue: Catalogue,
  apiKeys: ApiKeys,
  jwtSecret: string,
): RpcRoute {
  const secret = new TextEncoder().encode(jwtSecret);
  return {
    matches: isPlainCall,
    async answer(request, body) {
      const given = parseArguments(body);
      const name = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? '');
      const target = given && (await catalogue.find(name, Object.keys(given)));
      const caller = target && (await findCaller(request, apiKeys, secret));
      if (!caller) return undefined;
      try {
        return await call(sql, request, caller, target, given);
      } catch (error) {
        const known = asDatabaseError(error);
        if (!known) throw error;
        return databaseErrorAnswer(known, caller.role);
      }
    },
  };
}

function isPlainCall(request: Request): boolean {
  const url = new URL(request.url);
  const { headers } = request;
  const profile = headers.get('content-profile') ?? headers.get('accept-profile') ?? 'public';
  const accept = headers.get('accept') ?? '*/*';
  return (
    request.method === 'POST' &&
    /^\/rest\/v1\/rpc\/[^/]+$/.test(url.pathname) &&
    url.search === '' &&
    profile === 'public' &&
    [single, '*/*', 'application/json'].includes(accept.split(/[,;]/)[0] ?? '') &&
    !/count=|params=|tx=|handling=/.test(headers.get('prefer') ?? '') &&
    headers.get('range') === null &&
    (headers.get('content-type') ?? 'application/json').startsWith('application/json')
  );
}

function parseArguments(body: string): Record<string, unknown> | undefined {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}

async function call(
  sql: Sql,
  request: Request,
  caller: Caller,
  target: SqlFunction,
  given: Record<string, unknown>,
): Promise<Response> {
  const wantsSingle = request.headers.get('accept')?.startsWith(single) ?? false;
  const answer = await sql.begin(async (transaction) => {
    const [, rows, [settings]] = await Promise.all([
      transaction`
        select
          set_config('role', ${caller.role}, true),
          set_config('request.jwt.claim.sub', ${caller.claims.sub ?? ''}, true),
          set_config('request.jwt.claim.role', ${caller.role}, true),
          set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true),
          set_config('request.method', 'POST', true),
          set_config('request.path', ${new URL(request.url).pathname.replace('/rest/v1', '')}, true),
          set_config('request.headers', ${JSON.stringify(Object.fromEntries(request.headers))}, true),
          set_config('response.status', '', true),
          set_config('response.headers', '', true)`,
      transaction.unsafe<{ body: string | null; count: number }[]>(
        callText(target, Object.keys(given)),
        [JSON.stringify(given)],
        { prepare: true },
      ),
      transaction<{ status: string; headers: string }[]>`
        select current_setting('response.status', true) as status, current_setting('response.headers', true) as headers`,
    ]);
    return { body: rows[0]?.body ?? null, count: rows[0]?.count ?? 0, ...settings };
  });
  if (wantsSingle && target.returnsSet && answer.count !== 1) return notSingle(answer.count);
  const headers = new Headers(responseHeaders(answer.headers));
  headers.set('content-type', `${wantsSingle ? single : 'application/json'}; charset=utf-8`);
  headers.set('content-range', answer.count === 0 ? '*/*' : `0-${answer.count - 1}/*`);
  const status = answer.status ? Number(answer.status) : undefined;
  if (target.returnsNothing) return new Response(null, { status: status ?? 204, headers });
  const body = wantsSingle && target.returnsSet ? (answer.body ?? '').slice(1, -1) : (answer.body ?? 'null');
  return new Response(body, { status: status ?? 200, headers });
}

function notSingle(count: number): Response {
  return Response.json(
    {
      code: 'PGRST116',
      message: 'Cannot coerce the result to a single JSON object',
      details: `The result contains ${count} rows`,
      hint: null,
    },
    { status: 406 },
  );
}

/** `response.headers` is a JSON array of one-entry objects (PostgREST manual, "Response headers"). */
function responseHeaders(text: string | undefined): [string, string][] {
  if (!text) return [];
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null
      ? Object.entries(entry).map(([name, value]): [string, string] => [name, String(value)])
      : [],
  );
}
