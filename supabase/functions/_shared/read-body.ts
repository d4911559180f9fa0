/**
 * Reads a request body of at most `limit` bytes; null when it is longer. The announced length is not believed:
 * reading stops as soon as the limit is passed.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream: ReadableStream<Uint8Array> | null = request.body;
  if (stream !== null) {
    for await (const chunk of stream) {
      length += chunk.byteLength;
      if (length > limit) return null;
      chunks.push(chunk);
    }
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
