import type { Sql } from 'postgres';
import { z } from 'zod';
import type { ApiKeys } from './api-keys.ts';
import { columnNames } from './rest-request.ts';
import { findCaller, type Caller } from './rpc/caller.ts';

const rowsSchema = z.array(z.record(z.string(), z.json()));

/**
 * Fills in the defaults of columns that rows of a bulk insert leave out, where `Prefer: missing=default` asks for them,
 * by letting the database evaluate them the way PostgREST does. lite stores the defaults, but answers null for them.
 */
export function createColumnDefaults(sql: Sql, apiKeys: ApiKeys, jwtSecret: string) {
  const secret = new TextEncoder().encode(jwtSecret);
  return async (request: Request): Promise<Request> => {
    const url = new URL(request.url);
    const columns = url.searchParams.get('columns');
    const table = /^\/rest\/v1\/([^/]+)$/.exec(url.pathname)?.[1];
    const asks = /missing=default/.test(request.headers.get('prefer') ?? '');
    if (request.method !== 'POST' || !asks || columns === null || table === undefined) return request;
    const body = await request.text();
    const caller = await findCaller(request, apiKeys, secret);
    const filled =
      caller && lacksSome(body, columnNames(columns))
        ? await fill(sql, caller, decodeURIComponent(table), columnNames(columns), body)
        : undefined;
    const headers = new Headers(request.headers);
    headers.delete('content-length');
    return new Request(url, { method: 'POST', headers, body: filled ?? body });
  };
}

function lacksSome(body: string, columns: readonly string[]): boolean {
  try {
    const rows = rowsSchema.safeParse(JSON.parse(body)).data ?? [];
    return rows.some((row) => columns.some((name) => !(name in row)));
  } catch {
    return false;
  }
}

/**
 * Evaluated by the owner, as in an insert, where nobody needs a right to a sequence; only for somebody who may insert,
 * and with their claims, which a default may ask for.
 * @returns undefined where there is nothing to fill in; lite then says what is wrong
 */
async function fill(
  sql: Sql,
  caller: Caller,
  table: string,
  columns: readonly string[],
  body: string,
): Promise<string | undefined> {
  const defaults = await sql<{ name: string; expression: string }[]>`
    select a.attname as name, coalesce(
        pg_get_expr(d.adbin, d.adrelid),
        'nextval(' || quote_literal(pg_get_serial_sequence(c.oid::regclass::text, a.attname)) || ')',
        'null') as expression
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relname = ${table}
      and a.attname = any (${[...columns]}) and a.attgenerated = ''
      and has_any_column_privilege(${caller.role}, c.oid, 'insert')`;
  if (defaults.length === 0) return undefined;
  const pairs = defaults.map(({ name, expression }) => `${literal(name)}, (${expression})`).join(', ');
  return sql.begin(async (transaction) => {
    await transaction`
      select set_config('request.jwt.claim.sub', ${caller.claims.sub ?? ''}, true),
        set_config('request.jwt.claim.role', ${caller.role}, true),
        set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true)`;
    const [filled] = await transaction.unsafe<{ rows: string }[]>(
      `select jsonb_agg(jsonb_build_object(${pairs}) || element order by position)::text as rows
        from jsonb_array_elements($1::text::jsonb) with ordinality as given (element, position)`,
      [body],
    );
    return filled?.rows;
  });
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
