import type { Sql } from 'postgres';
import { z } from 'zod';
import { translateStorageAnswer } from './answers.ts';
import { withErrorCode } from './errors.ts';
import { listFolder } from './list.ts';
import { signMany } from './sign-many.ts';
import { unpackUpload } from './upload-body.ts';

const uploadedPath = /^\/storage\/v1\/object\/(?!sign\/|list\/|upload\/|info\/|move$|copy$)([^/]+)\/(.+)$/;

/** Serves Storage through lite, with what storage-js expects and lite lacks or words differently put right. */
export function createStorageRoute(sql: Sql, ask: (request: Request) => Promise<Response>) {
  const answer = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname;
    if (request.method === 'POST' && /^\/storage\/v1\/object\/sign\/[^/]+\/?$/.test(path))
      return signMany(request, ask);
    if (request.method === 'POST' && /^\/storage\/v1\/object\/list\/[^/]+\/?$/.test(path))
      return listFolder(request, ask);
    if (path === '/storage/v1/object/copy') return copyObject(request, ask);
    const upload = await unpackUpload(request);
    const response = await ask(upload);
    if (response.ok) await keepUserMetadata(sql, upload, path);
    return translateStorageAnswer(request, response);
  };
  return async (request: Request): Promise<Response> => withErrorCode(await answer(request));
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
