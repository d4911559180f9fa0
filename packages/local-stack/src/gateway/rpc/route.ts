import type { Sql } from 'postgres';
import type { ApiKeys } from '../api-keys.ts';
import { asDatabaseError, databaseErrorAnswer } from '../database-error.ts';
import { readCall, single, type CallRequest } from './call-request.ts';
import { callText } from './call-text.ts';
import { findCaller, type Caller } from './caller.ts';
import type { Catalogue, SqlFunction } from './catalogue.ts';

export type RpcRoute = {
  /** Whether the request is of the kind answered here; everything else is lite's. */
  matches(request: Request): boolean;
  /** @param body the request's text @returns undefined to leave it to lite after all */
  answer(request: Request, body: string): Promise<Response | undefined>;
};

/**
 * Calls SQL functions for `POST /rest/v1/rpc/<name>` with a JSON object. lite does not count the rows of functions that
 * may write, and needs ten round trips; this is PostgREST's way, in one transaction and three.
 */
export function createRpcRoute(
  sql: Sql,
  catalogue: Catalogue,
  apiKeys: ApiKeys,
  jwtSecret: string,
): RpcRoute {
  const secret = new TextEncoder().encode(jwtSecret);
  return {
    matches: (request) => readCall(request) !== undefined,
    async answer(request, body) {
      const wanted = readCall(request);
      const given = parseArguments(body);
      const name = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? '');
      const target = wanted && given && (await catalogue.find(name, Object.keys(given)));
      const caller = target && (await findCaller(request, apiKeys, secret));
      if (!caller) return undefined;
      try {
        return wordAnswer(target, wanted, await call(sql, request, { caller, target, wanted, given }));
      } catch (error) {
        const known = asDatabaseError(error);
        if (!known) throw error;
        return databaseErrorAnswer(known, caller.role);
      }
    },
  };
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

type Call = { caller: Caller; target: SqlFunction; wanted: CallRequest; given: Record<string, unknown> };

type Result = {
  body: string | null;
  count: number;
  total: number;
  /** What the function set for the answer itself. */
  status: string | undefined;
  headers: string | undefined;
};

function call(sql: Sql, request: Request, { caller, target, wanted, given }: Call): Promise<Result> {
  const { limit, offset } = wanted.page;
  const isPaged = limit !== null || offset > 0;
  return sql.begin(async (transaction) => {
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
      transaction.unsafe<{ body: string | null; count: number; total: number }[]>(
        callText(target, Object.keys(given), isPaged),
        [JSON.stringify(given), ...(isPaged ? [limit, offset] : [])],
        { prepare: true },
      ),
      transaction<{ status: string; headers: string }[]>`
        select current_setting('response.status', true) as status, current_setting('response.headers', true) as headers`,
    ]);
    const [row] = rows;
    return {
      body: row?.body ?? null,
      count: row?.count ?? 0,
      total: row?.total ?? 0,
      status: settings?.status,
      headers: settings?.headers,
    };
  });
}

function wordAnswer(target: SqlFunction, { page, wantsSingle, wantsTotal }: CallRequest, result: Result) {
  const { count, total } = result;
  if (wantsTotal && page.offset > total) return beyondEnd(page.offset, total);
  if (wantsSingle && target.returnsSet && count !== 1) return notSingle(count);
  const headers = new Headers(responseHeaders(result.headers));
  headers.set('content-type', `${wantsSingle ? single : 'application/json'}; charset=utf-8`);
  const range = count === 0 ? '*' : `${page.offset}-${page.offset + count - 1}`;
  headers.set('content-range', `${range}/${wantsTotal ? total : '*'}`);
  const status = result.status ? Number(result.status) : undefined;
  if (target.returnsNothing) return new Response(null, { status: status ?? 204, headers });
  const body = wantsSingle && target.returnsSet ? (result.body ?? '').slice(1, -1) : (result.body ?? 'null');
  return new Response(body, { status: status ?? (wantsTotal && count < total ? 206 : 200), headers });
}

function beyondEnd(offset: number, total: number): Response {
  return Response.json(
    {
      code: 'PGRST103',
      message: 'Requested range not satisfiable',
      details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
      hint: null,
    },
    { status: 416, headers: { 'content-range': `*/${total}` } },
  );
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
