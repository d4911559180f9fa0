import type { Sql } from 'postgres';
import { z } from 'zod';
import type { Caller } from '../rpc/caller.ts';
import { translateStorageAnswer } from './answers.ts';
import { chooseBuckets, withLimitInBytes } from './buckets.ts';
import { withErrorCode } from './errors.ts';
import { listPage } from './list-v2.ts';
import { listFolder } from './list.ts';
import { partOf } from './range.ts';
import { createResumableUploads } from './resumable.ts';
import { signMany } from './sign-many.ts';
import { unpackUpload } from './upload-body.ts';

const uploadedPath = /^\/storage\/v1\/object\/(?!sign\/|list\/|upload\/|info\/|move$|copy$)([^/]+)\/(.+)$/;

/** Serves Storage through lite, with what storage-js expects and lite lacks or words differently put right. */
export function createStorageRoute(
  sql: Sql,
  ask: (request: Request) => Promise<Response>,
  uploads: { folder: string; findCaller: (request: Request) => Promise<Caller | undefined> },
) {
  const answer = async (request: Request): Promise<Response> => {
    const { pathname: path, searchParams } = new URL(request.url);
    if (resumable.matches(path)) return resumable.answer(request);
    if (/^\/storage\/v1\/bucket(\/|$)/.test(path)) return answerBuckets(request, path, searchParams);
    if (request.method === 'POST' && /^\/storage\/v1\/object\/list-v2\/[^/]+\/?$/.test(path))
      return listPage(request, ask);
    if (request.method === 'POST' && /^\/storage\/v1\/object\/sign\/[^/]+\/?$/.test(path))
      return signMany(request, ask);
    if (request.method === 'POST' && /^\/storage\/v1\/object\/list\/[^/]+\/?$/.test(path))
      return listFolder(request, ask);
    if (path === '/storage/v1/object/copy') return copyObject(request, ask);
    const upload = await unpackUpload(request);
    const response = await ask(upload);
    if (response.ok) await keepUserMetadata(sql, upload, path);
    return partOf(request, await translateStorageAnswer(request, response));
  };

  const answerBuckets = async (request: Request, path: string, query: URLSearchParams): Promise<Response> => {
    if (request.method === 'POST' || request.method === 'PUT') return ask(await withLimitInBytes(request));
    const response = await ask(request);
    return request.method === 'GET' && /\/bucket\/?$/.test(path) ? chooseBuckets(query, response) : response;
  };

  const resumable = createResumableUploads(uploads.folder, sql, answer, uploads.findCaller);

  return async (request: Request): Promise<Response> =>
    withErrorCode(await answer(plainPath(withKey(request))));
}

/** Storage takes a key as a token alone, as on hosted; lite asks for both. */
function withKey(request: Request): Request {
  const bearer = /^Bearer (sb_.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  const hasKey = request.headers.has('apikey') || new URL(request.url).searchParams.has('apikey');
  if (bearer === undefined || hasKey) return request;
  const headers = new Headers(request.headers);
  headers.set('apikey', bearer);
  return new Request(request, { headers });
}

/** `/object/authenticated/…` is the longer name of `/object/…`, which lite takes for a bucket's. */
function plainPath(request: Request): Request {
  const url = new URL(request.url);
  const plain = url.pathname.replace(/^(\/storage\/v1\/object(?:\/info)?)\/authenticated\//, '$1/');
  if (plain === url.pathname) return request;
  url.pathname = plain;
  return new Request(url, request);
}

/** lite drops the metadata a caller gives an upload; the row is there by now, and was theirs to write. */
async function keepUserMetadata(sql: Sql, upload: Request, path: string): Promise<void> {
  const encoded = upload.headers.get('x-metadata');
  const [, bucket, name] = uploadedPath.exec(path) ?? [];
  if (encoded === null || bucket === undefined || name === undefined) return;
  const metadata = Buffer.from(encoded, 'base64').toString('utf8');
  await sql`
    update storage.objects set user_metadata = ${metadata}::text::jsonb
    where bucket_id = ${decodeURIComponent(bucket)} and name = ${decodeURIComponent(name)}`;
}

const copySchema = z.object({ bucketId: z.string(), destinationBucket: z.string().optional() });
const copiedSchema = z.object({ key: z.string() });

/** The copy's key carries its bucket, which lite leaves out. */
async function copyObject(request: Request, ask: (request: Request) => Promise<Response>): Promise<Response> {
  const body = await request.text();
  const answer = await ask(new Request(request.url, { method: 'POST', headers: request.headers, body }));
  if (!answer.ok) return answer;
  const { bucketId, destinationBucket } = copySchema.parse(JSON.parse(body));
  const { key } = copiedSchema.parse(await answer.json());
  return Response.json({ Key: `${destinationBucket ?? bucketId}/${key}` });
}
