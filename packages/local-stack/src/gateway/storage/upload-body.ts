/**
 * storage-js sends Blobs and Files as a form whose file part has an empty name, which lite does not find.
 * Unpacked here into the raw body and headers that lite stores as they are.
 */
export async function unpackUpload(request: Request): Promise<Request> {
  const isForm = request.headers.get('content-type')?.startsWith('multipart/form-data') ?? false;
  if (!isForm || !['POST', 'PUT'].includes(request.method)) return request;
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- advised against for its memory use; bodies here are small
  const form = await request.formData();
  const file = [...form.values()].find((value) => value instanceof Blob);
  if (!file) return new Request(request, { body: new Uint8Array() });
  const headers = new Headers(request.headers);
  headers.set('content-type', file.type || 'application/octet-stream');
  headers.set('content-length', String(file.size));
  const cacheControl = form.get('cacheControl');
  headers.set('cache-control', typeof cacheControl === 'string' ? `max-age=${cacheControl}` : 'no-cache');
  const metadata = form.get('metadata');
  if (typeof metadata === 'string') headers.set('x-metadata', Buffer.from(metadata).toString('base64'));
  return new Request(request.url, { method: request.method, headers, body: await file.arrayBuffer() });
}
