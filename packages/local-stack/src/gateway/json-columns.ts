import type { Sql } from 'postgres';
import { z } from 'zod';

const rowSchema = z.record(z.string(), z.json());
const bodySchema = z.union([rowSchema, z.array(rowSchema)]);
type Row = z.infer<typeof rowSchema>;

export type JsonColumns = {
  /** Words a request that writes to a table so that what it writes to JSON columns arrives there unchanged. */
  protect(request: Request): Promise<Request>;
  forget(): void;
};

/**
 * lite reads texts in JSON columns as JSON, so `"1"` becomes 1, and the driver sends `true` as a boolean, which no JSON
 * column takes. Remembers the JSON columns of schema public until told that they changed.
 */
export function createJsonColumns(sql: Sql): JsonColumns {
  let loaded: Promise<Map<string, string[]>> | undefined;
  const columnsOf = async (table: string): Promise<string[]> => {
    loaded ??= loadColumns(sql);
    const tables = await loaded.catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return tables.get(table) ?? [];
  };
  return {
    async protect(request) {
      const table = /^\/rest\/v1\/([^/]+)$/.exec(new URL(request.url).pathname)?.[1];
      const isJson = request.headers.get('content-type')?.startsWith('application/json') ?? false;
      if (!['POST', 'PATCH', 'PUT'].includes(request.method) || table === undefined || !isJson)
        return request;
      const columns = await columnsOf(decodeURIComponent(table));
      if (columns.length === 0) return request;
      const body = protectBody(await request.text(), columns);
      const headers = new Headers(request.headers);
      headers.delete('content-length');
      return new Request(request.url, { method: request.method, headers, body });
    },
    forget: () => (loaded = undefined),
  };
}

async function loadColumns(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql<{ name: string; columns: string[] }[]>`
    select c.relname as name, array_agg(a.attname::text) as columns
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and a.atttypid in ('json'::regtype, 'jsonb'::regtype)
    group by c.relname`;
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

export function protectBody(text: string, columns: readonly string[]): string {
  const body = bodySchema.safeParse(jsonOrNothing(text)).data;
  if (!body) return text;
  const rows = Array.isArray(body) ? body : [body];
  if (!rows.some((row) => columns.some((name) => isAtRisk(row[name])))) return text;
  return JSON.stringify(
    Array.isArray(body) ? body.map((row) => protectRow(row, columns)) : protectRow(body, columns),
  );
}

/** lite takes one layer of quotes off, and the driver passes what is JSON then as it is. */
function protectRow(row: Row, columns: readonly string[]): Row {
  const atRisk = Object.entries(row).filter(([name, value]) => columns.includes(name) && isAtRisk(value));
  const quoted = atRisk.map(([name, value]) => [name, JSON.stringify(JSON.stringify(value))] as const);
  return { ...row, ...Object.fromEntries(quoted) };
}

function isAtRisk(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
