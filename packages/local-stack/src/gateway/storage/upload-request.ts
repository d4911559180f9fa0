import type { Upload } from './upload-state.ts';

/** @returns what is wrong with the headers, where something is */
export function readUpload(headers: Headers): Upload | string {
  const length = wholeNumber(headers.get('upload-length'));
  if (length === undefined) return 'Upload-Length is missing';
  const metadata = readMetadata(headers.get('upload-metadata') ?? '');
  const [bucket, name] = [metadata.get('bucketName'), metadata.get('objectName')];
  if (!bucket || !name) return 'Upload-Metadata must have bucketName and objectName';
  const given = metadata.get('metadata');
  return {
    bucket,
    name,
    length,
    contentType: metadata.get('contentType') ?? 'application/octet-stream',
    cacheControl: metadata.get('cacheControl') ?? '3600',
    ...(given === undefined ? {} : { metadata: given }),
    isUpsert: headers.get('x-upsert') === 'true',
  };
}

/** `name base64,name base64`, a value may be missing (tus 1.0.0, "Upload-Metadata"). */
function readMetadata(header: string): Map<string, string> {
  const pairs = header.split(',').map((pair) => pair.trim().split(' '));
  return new Map(
    pairs.map(([name = '', value = '']) => [name, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

/** The upload as storage-js would send it in one piece, in the name of whoever sent the last part. */
export function wholeUpload(request: Request, upload: Upload, body: Buffer): Request {
  const path = [upload.bucket, ...upload.name.split('/')].map(encodeURIComponent).join('/');
  const headers = new Headers({
    'content-type': upload.contentType,
    'content-length': String(body.length),
    'cache-control': `max-age=${upload.cacheControl}`,
    'x-upsert': String(upload.isUpsert),
  });
  for (const name of ['apikey', 'authorization', 'user-agent']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (upload.metadata !== undefined)
    headers.set('x-metadata', Buffer.from(upload.metadata).toString('base64'));
  const url = new URL(`/storage/v1/object/${path}`, request.url);
  return new Request(url, { method: 'POST', headers, body: new Uint8Array(body) });
}

export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
