import type { Sql } from 'postgres';
import type { Caller } from '../rpc/caller.ts';
import { refusalOfUpload } from './may-upload.ts';
import { readUpload, wholeNumber, wholeUpload } from './upload-request.ts';
import { createUploadStore, lifetimeMs } from './upload-state.ts';

type Ask = (request: Request) => Promise<Response>;

const prefix = '/storage/v1/upload/resumable';
const version = '1.0.0';
const partType = 'application/offset+octet-stream';
/** Hosted Storage's default, and the gateway's. */
const largestUpload = 50 * 1024 * 1024;

export type ResumableUploads = {
  matches(path: string): boolean;
  answer(request: Request): Promise<Response>;
};

type Context = {
  store: ReturnType<typeof createUploadStore>;
  sql: Sql;
  ask: Ask;
  /** Uploads that a request writes to: one at a time. */
  busy: Set<string>;
};

/**
 * Uploads in parts by the tus protocol 1.0.0 with its extensions creation, creation-with-upload, termination and
 * expiration; lite has none. What has arrived whole is handed to lite, like any other upload.
 * @param findCaller on whose behalf a request comes, undefined for nobody's
 */
export function createResumableUploads(
  folder: string,
  sql: Sql,
  ask: Ask,
  findCaller: (request: Request) => Promise<Caller | undefined>,
): ResumableUploads {
  const context: Context = { store: createUploadStore(folder), sql, ask, busy: new Set() };
  return {
    matches: (path) => path === prefix || path.startsWith(`${prefix}/`),
    async answer(request) {
      if (request.method === 'OPTIONS') return capabilities();
      if (request.headers.get('tus-resumable') !== version) return tus(412, { 'tus-version': version });
      const caller = await findCaller(request);
      if (!caller) return problem(401, 'Invalid token or API key');
      const id = new URL(request.url).pathname.slice(prefix.length + 1);
      if (id !== '') return answerUpload(context, request, id);
      return request.method === 'POST'
        ? create(context, request, caller)
        : problem(405, 'Method not allowed');
    },
  };
}

async function create(context: Context, request: Request, caller: Caller): Promise<Response> {
  const upload = readUpload(request.headers);
  if (typeof upload === 'string') return problem(400, upload);
  if (upload.length > largestUpload) return problem(413, 'The object exceeded the maximum allowed size');
  const refused = await refusalOfUpload(context.sql, caller, upload);
  if (refused) return refused;
  const id = await context.store.begin(upload);
  const begun = { location: new URL(`${prefix}/${id}`, request.url).href, 'upload-expires': expiry() };
  // Nothing at all is whole as soon as it is begun.
  const isEmpty = upload.length === 0;
  if (request.headers.get('content-type') !== partType && !isEmpty)
    return tus(201, { ...begun, 'upload-offset': '0' });
  const first = await append(context, request, id, 0);
  return first.ok
    ? tus(201, { ...begun, 'upload-offset': first.headers.get('upload-offset') ?? '0' })
    : first;
}

async function answerUpload(context: Context, request: Request, id: string): Promise<Response> {
  const known = await context.store.find(id);
  if (!known) return problem(404, 'Upload not found');
  switch (request.method) {
    case 'HEAD':
      return tus(200, {
        'upload-offset': String(known.offset),
        'upload-length': String(known.upload.length),
        'cache-control': 'no-store',
      });
    case 'DELETE':
      await context.store.remove(id);
      return tus(204, {});
    case 'PATCH': {
      const offset = wholeNumber(request.headers.get('upload-offset'));
      if (request.headers.get('content-type') !== partType)
        return problem(415, `Content-Type must be ${partType}`);
      return offset === undefined
        ? problem(400, 'Upload-Offset is missing')
        : append(context, request, id, offset);
    }
    default:
      return problem(405, 'Method not allowed');
  }
}

async function append(context: Context, request: Request, id: string, from: number): Promise<Response> {
  if (context.busy.has(id)) return problem(423, 'Another request writes to this upload');
  context.busy.add(id);
  try {
    return await appendAlone(context, request, id, from);
  } finally {
    context.busy.delete(id);
  }
}

async function appendAlone(
  { store, ask }: Context,
  request: Request,
  id: string,
  from: number,
): Promise<Response> {
  const known = await store.find(id);
  if (!known) return problem(404, 'Upload not found');
  const { upload, offset: before } = known;
  if (before !== from) return problem(409, 'Upload-Offset conflict');
  const offset = request.body ? await store.append(id, request.body, upload.length - before) : before;
  if (offset > upload.length) {
    await store.remove(id);
    return problem(413, 'More bytes than Upload-Length');
  }
  if (offset < upload.length)
    return tus(204, { 'upload-offset': String(offset), 'upload-expires': expiry() });
  const stored = await ask(wholeUpload(request, upload, await store.read(id)));
  await store.remove(id);
  return stored.ok ? tus(204, { 'upload-offset': String(offset) }) : stored;
}

function capabilities(): Response {
  return tus(204, {
    'tus-version': version,
    'tus-extension': 'creation,creation-with-upload,termination,expiration',
    'tus-max-size': String(largestUpload),
  });
}

function tus(status: number, headers: Record<string, string>): Response {
  return new Response(null, { status, headers: { 'tus-resumable': version, ...headers } });
}

function problem(status: number, message: string): Response {
  const body = { statusCode: String(status), error: message, message };
  return Response.json(body, { status, headers: { 'tus-resumable': version } });
}

function expiry(): string {
  return new Date(Date.now() + lifetimeMs).toUTCString();
}
