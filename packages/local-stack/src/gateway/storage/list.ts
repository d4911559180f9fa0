import { z } from 'zod';

const requestSchema = z.object({
  prefix: z.string().default(''),
  limit: z.number().int().positive().default(100),
  offset: z.number().int().nonnegative().default(0),
  search: z.string().default(''),
  sortBy: z
    .object({ column: z.string().default('name'), order: z.string().default('asc') })
    .default({ column: 'name', order: 'asc' }),
});
type ListRequest = z.infer<typeof requestSchema>;

const objectSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  last_accessed_at: z.string(),
  metadata: z.unknown(),
});
export type StoredObject = z.infer<typeof objectSchema>;

/** A file, or a folder: that has a name and nothing else. */
type Entry = {
  [column: string]: unknown;
  name: string;
  id: string | null;
  created_at: string | null;
  updated_at: string | null;
  last_accessed_at: string | null;
};

/** More than a development bucket holds. */
const allObjects = 100_000;

/**
 * Lists one folder of a bucket as hosted Storage does: names relative to the folder, sub-folders as entries without
 * an id. lite answers full names of everything below.
 * @param ask sends a request to lite
 */
export async function listFolder(
  request: Request,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const wanted = requestSchema.safeParse(await request.json());
  if (!wanted.success) {
    return Response.json(
      { statusCode: '400', error: 'Error', message: 'malformed list request' },
      { status: 400 },
    );
  }
  const folder = wanted.data.prefix.replace(/^\/+|\/+$/g, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  const objects = await askForObjects(request.url, request.headers, prefix, ask);
  return objects instanceof Response
    ? objects
    : Response.json(pageOf(entriesOf(objects, prefix), wanted.data));
}

/**
 * Everything in a bucket whose name begins so, as far as the caller may see it.
 * @returns lite's answer where that is a refusal
 */
export async function askForObjects(
  url: string,
  callerHeaders: Headers,
  prefix: string,
  ask: (request: Request) => Promise<Response>,
): Promise<StoredObject[] | Response> {
  const headers = new Headers(callerHeaders);
  headers.delete('content-length');
  const sortBy = { column: 'name', order: 'asc' };
  const body = JSON.stringify({ prefix, limit: allObjects, offset: 0, sortBy });
  const answer = await ask(new Request(url, { method: 'POST', headers, body }));
  return answer.ok ? z.array(objectSchema).parse(await answer.json()) : answer;
}

export function entriesOf(objects: readonly StoredObject[], prefix: string): Entry[] {
  const folders = new Set<string>();
  const files: Entry[] = [];
  for (const object of objects) {
    if (!object.name.startsWith(prefix)) continue;
    const name = object.name.slice(prefix.length);
    const slash = name.indexOf('/');
    if (slash === -1) files.push({ ...object, name });
    else folders.add(name.slice(0, slash));
  }
  const nothing = { id: null, created_at: null, updated_at: null, last_accessed_at: null, metadata: null };
  return [...[...folders].map((name) => ({ name, ...nothing })), ...files];
}

export function pageOf(entries: readonly Entry[], { search, sortBy, limit, offset }: ListRequest): Entry[] {
  const direction = sortBy.order.toLowerCase() === 'desc' ? -1 : 1;
  const keyOf = (entry: Entry): string => {
    const value = entry[sortBy.column];
    return typeof value === 'string' ? value : '';
  };
  return entries
    .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
    .sort((a, b) => direction * (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))
    .slice(offset, offset + limit);
}
