import { z } from 'zod';

const signedSchema = z.object({ signedUrl: z.string() });
const uploadedSchema = z.object({ Key: z.string() });
const infoSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  bucket_id: z.string(),
  version: z.string().nullable().optional(),
  created_at: z.string(),
  updated_at: z.string().optional(),
  user_metadata: z.unknown().optional(),
  httpMetadata: z.looseObject({
    size: z.number(),
    mimetype: z.string(),
    cacheControl: z.string(),
    eTag: z.string(),
    lastModified: z.string().optional(),
  }),
});

/** Puts lite's Storage answers into the words that the hosted service uses and storage-js reads. */
export async function translateStorageAnswer(request: Request, response: Response): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/storage\/v1/, '');
  if (request.method === 'GET' && /^\/object\/sign\//.test(path)) return signedDownload(url, response);
  if (request.method === 'GET' && /^\/object\//.test(path) && !path.startsWith('/object/info/')) {
    return withDownloadName(url, response);
  }
  if (!response.ok) return response;
  if (request.method === 'POST' && /^\/object\/sign\/[^/]+\/./.test(path)) {
    return rewrite(response, (body) => ({ signedURL: withoutPrefix(signedSchema.parse(body).signedUrl) }));
  }
  if (request.method === 'POST' && path.startsWith('/object/upload/sign/')) {
    return rewrite(response, (body) => {
      const signed = withoutPrefix(signedSchema.parse(body).signedUrl);
      return { url: signed, token: new URL(signed, url).searchParams.get('token') };
    });
  }
  const uploadedTo =
    request.method === 'PUT' ? /^\/object\/upload\/sign\/([^/]+)\//.exec(path)?.[1] : undefined;
  if (uploadedTo !== undefined) {
    return rewrite(response, (body) => ({ Key: `${uploadedTo}/${uploadedSchema.parse(body).Key}` }));
  }
  if (request.method === 'GET' && path.startsWith('/object/info/')) return rewrite(response, objectInfo);
  return response;
}

function withoutPrefix(signedUrl: string): string {
  return signedUrl.replace(/^\/storage\/v1/, '');
}

function objectInfo(body: unknown): unknown {
  const { httpMetadata, ...row } = infoSchema.parse(body);
  return {
    id: row.id,
    name: row.name,
    version: row.version ?? null,
    bucket_id: row.bucket_id,
    size: httpMetadata.size,
    content_type: httpMetadata.mimetype,
    cache_control: httpMetadata.cacheControl,
    etag: httpMetadata.eTag,
    metadata: row.user_metadata ?? {},
    last_modified: httpMetadata.lastModified ?? row.updated_at ?? row.created_at,
    created_at: row.created_at,
  };
}

/** A broken, foreign or expired token is the caller's mistake, not ours. */
async function signedDownload(url: URL, response: Response): Promise<Response> {
  if (response.ok) return withDownloadName(url, response);
  if (response.status !== 500 && response.status !== 403) return response;
  await response.body?.cancel();
  return Response.json(
    { statusCode: '400', error: 'InvalidJWT', message: '"exp" claim timestamp check failed' },
    { status: 400 },
  );
}

/** `?download` asks for a file to be saved, `?download=name` under a name of its own. */
function withDownloadName(url: URL, response: Response): Response {
  const wanted = url.searchParams.get('download');
  if (wanted === null || !response.ok) return response;
  const headers = new Headers(response.headers);
  const name = wanted === '' || wanted === 'true' ? '' : `; filename*=UTF-8''${encodeURIComponent(wanted)}`;
  headers.set('content-disposition', `attachment${name}`);
  return new Response(response.body, { status: response.status, headers });
}

async function rewrite(response: Response, change: (body: unknown) => unknown): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const body = change(await response.json());
  return new Response(JSON.stringify(body), { status: response.status, headers });
}
