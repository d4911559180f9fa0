import { z } from 'zod';

const rowsSchema = z.array(z.record(z.string(), z.json()));

/**
 * Refuses a token that is none, which lite would take for no token at all. A key may stand in a token's place only
 * where it is the request's own, as supabase-js sends it.
 */
export function refuseBrokenToken(request: Request): Response | undefined {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const key = request.headers.get('apikey') ?? new URL(request.url).searchParams.get('apikey');
  if (bearer === undefined || bearer === key) return undefined;
  if (/^[^.]+\.[^.]+\.[^.]+$/.test(bearer)) return undefined;
  const parts = bearer.split('.').filter((part) => part !== '').length;
  const message = `Expected 3 parts in JWT; got ${parts}`;
  return Response.json({ code: 'PGRST301', details: null, hint: null, message }, { status: 401 });
}

/** Puts a Data API request into the words in which lite understands it. */
export async function wordForLite(request: Request): Promise<Request> {
  const url = new URL(request.url);
  // lite reads a function's arguments from the address for GET only; the body is left out on the way back.
  if (request.method === 'HEAD' && url.pathname.startsWith('/rest/v1/rpc/')) {
    return new Request(url, { headers: request.headers });
  }
  const columns = url.searchParams.get('columns');
  const isJson = request.headers.get('content-type')?.startsWith('application/json') ?? false;
  const wantsDefaults = /missing=default/.test(request.headers.get('prefer') ?? '');
  if (request.method !== 'POST' || columns === null || !isJson || wantsDefaults) return request;
  const body = await request.text();
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(url, { method: 'POST', headers, body: completeRows(body, columnNames(columns)) });
}

/** What a row lacks of the columns named is null to PostgREST; lite would leave it to the column's default. */
export function completeRows(body: string, columns: readonly string[]): string {
  const rows = rowsSchema.safeParse(jsonOrNothing(body)).data;
  if (!rows?.some((row) => columns.some((name) => !(name in row)))) return body;
  const nothing = Object.fromEntries(columns.map((name) => [name, null]));
  return JSON.stringify(rows.map((row) => ({ ...nothing, ...row })));
}

/** `"title","a, b"`: names in quotes, which may hold commas and, doubled, quotes. */
export function columnNames(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"|([^,]+)/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replaceAll('""', '"'),
  );
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
