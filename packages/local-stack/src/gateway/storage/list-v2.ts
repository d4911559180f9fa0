import { z } from 'zod';
import { askForObjects, type StoredObject } from './list.ts';

const requestSchema = z.object({
  prefix: z.string().default(''),
  limit: z.number().int().min(1).max(1000).default(1000),
  cursor: z.string().optional(),
  with_delimiter: z.boolean().default(false),
  sortBy: z
    .object({
      column: z.enum(['name', 'created_at', 'updated_at']).default('name'),
      order: z.enum(['asc', 'desc']).default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
});
export type ListRequest = z.infer<typeof requestSchema>;

/** Where the next page begins: after the entry with this value in the column sorted by, and this name. */
const cursorSchema = z.object({ value: z.string(), name: z.string() });

type Folder = { key: string; name: string };
type Entry = { value: string; name: string } & (
  { kind: 'folder'; folder: Folder } | { kind: 'object'; object: StoredObject }
);
type Page = { hasNext: boolean; nextCursor?: string; folders: Folder[]; objects: unknown[] };

/**
 * Answers `POST /object/list-v2/<bucket>`: objects by their full names, a page at a time; with a delimiter what lies
 * deeper than the prefix is told as folders. lite has no such route.
 * @param ask sends a request to lite
 */
export async function listPage(
  request: Request,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const wanted = requestSchema.safeParse(await request.json());
  if (!wanted.success) return malformed(wanted.error.issues[0]?.message ?? 'malformed list request');
  const cursor = readCursor(wanted.data.cursor);
  if (cursor === null) return malformed('invalid cursor');
  const url = request.url.replace('/object/list-v2/', '/object/list/');
  const objects = await askForObjects(url, request.headers, wanted.data.prefix, ask);
  return objects instanceof Response ? objects : Response.json(pageAfter(cursor, objects, wanted.data));
}

export function pageAfter(
  cursor: z.infer<typeof cursorSchema> | undefined,
  objects: readonly StoredObject[],
  wanted: ListRequest,
): Page {
  const direction = wanted.sortBy.order === 'desc' ? -1 : 1;
  const order = (a: { value: string; name: string }, b: { value: string; name: string }): number =>
    direction * (compare(a.value, b.value) || compare(a.name, b.name));
  const rest = entriesOf(objects, wanted)
    .sort(order)
    .filter((entry) => cursor === undefined || order(entry, cursor) > 0);
  const entries = rest.slice(0, wanted.limit);
  const last = entries.at(-1);
  const hasNext = rest.length > entries.length;
  return {
    hasNext,
    ...(hasNext && last ? { nextCursor: writeCursor(last) } : {}),
    folders: entries.flatMap((entry) => (entry.kind === 'folder' ? [entry.folder] : [])),
    objects: entries.flatMap((entry) => (entry.kind === 'object' ? [objectOf(entry.object)] : [])),
  };
}

function entriesOf(
  objects: readonly StoredObject[],
  { prefix, with_delimiter, sortBy }: ListRequest,
): Entry[] {
  const folders = new Map<string, Entry>();
  const files: Entry[] = [];
  for (const object of objects) {
    if (!object.name.startsWith(prefix)) continue;
    const slash = with_delimiter ? object.name.indexOf('/', prefix.length) : -1;
    if (slash === -1) {
      files.push({ kind: 'object', value: object[sortBy.column], name: object.name, object });
      continue;
    }
    const name = object.name.slice(0, slash + 1);
    const folder = { key: name.slice(0, -1).split('/').at(-1) ?? '', name };
    // A folder has no times of its own: it stands with those that have none.
    folders.set(name, { kind: 'folder', value: sortBy.column === 'name' ? name : '', name, folder });
  }
  return [...folders.values(), ...files];
}

function objectOf({ id, name, created_at, updated_at, last_accessed_at, metadata }: StoredObject) {
  return { key: name.split('/').at(-1), id, name, created_at, updated_at, last_accessed_at, metadata };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function writeCursor({ value, name }: Entry): string {
  return Buffer.from(JSON.stringify({ value, name })).toString('base64url');
}

/** @returns null for a text that no page of ours came with */
export function readCursor(text: string | undefined): z.infer<typeof cursorSchema> | null | undefined {
  if (text === undefined) return undefined;
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return null;
  }
}

function malformed(message: string): Response {
  return Response.json({ statusCode: '400', error: 'Error', message }, { status: 400 });
}
