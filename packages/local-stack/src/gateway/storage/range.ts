/** First and last byte, counted from 0. */
type Range = { first: number; last: number };

/**
 * Answers part of a file, or that nothing changed, where a request asks for that (RFC 9110 §13 and §14); lite always
 * sends the whole.
 */
export function partOf(request: Request, whole: Response): Response {
  if (whole.status !== 200) return whole;
  const etag = whole.headers.get('etag');
  if (isUnchanged(request.headers, whole.headers)) {
    void whole.body?.cancel();
    return new Response(null, { status: 304, headers: withoutBody(whole.headers) });
  }
  const asked = request.headers.get('range');
  const condition = request.headers.get('if-range');
  const size = Number(whole.headers.get('content-length') ?? Number.NaN);
  if (request.method !== 'GET' || asked === null || !whole.body || !Number.isInteger(size)) return whole;
  if (condition !== null && condition !== etag && condition !== whole.headers.get('last-modified'))
    return whole;
  const range = readRange(asked, size);
  if (range === undefined) return whole;
  if (range === 'beyond') return beyondEnd(whole, size);
  const headers = new Headers(whole.headers);
  headers.set('content-range', `bytes ${range.first}-${range.last}/${size}`);
  headers.set('content-length', String(range.last - range.first + 1));
  return new Response(whole.body.pipeThrough(cut(range)), { status: 206, headers });
}

/** @returns undefined for several ranges and for other units: the whole file may be sent instead */
export function readRange(header: string, size: number): Range | 'beyond' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.replaceAll(' ', ''));
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return undefined;
  if (from === '')
    return Number(to) === 0 || size === 0
      ? 'beyond'
      : { first: Math.max(size - Number(to), 0), last: size - 1 };
  const first = Number(from);
  if (to !== '' && Number(to) < first) return undefined;
  if (first >= size) return 'beyond';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

function isUnchanged(asked: Headers, file: Headers): boolean {
  const tags = asked.get('if-none-match');
  if (tags !== null) {
    const etag = file.get('etag')?.replace(/^W\//, '');
    return tags === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  }
  const since = Date.parse(asked.get('if-modified-since') ?? '');
  const modified = Date.parse(file.get('last-modified') ?? '');
  return modified <= since;
}

/** Lets bytes through from the first to the last, and ends there. */
function cut({ first, last }: Range): TransformStream<Uint8Array, Uint8Array> {
  let position = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const part = chunk.subarray(Math.max(first - position, 0), Math.max(last + 1 - position, 0));
      position += chunk.length;
      if (part.length > 0) controller.enqueue(part);
      if (position > last) controller.terminate();
    },
  });
}

function beyondEnd(whole: Response, size: number): Response {
  void whole.body?.cancel();
  return Response.json(
    {
      statusCode: '416',
      error: 'InvalidRange',
      message: 'The requested range is not satisfiable',
      code: 'InvalidRange',
    },
    { status: 416, headers: { 'content-range': `bytes */${size}` } },
  );
}

function withoutBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-length', 'content-type']) kept.delete(name);
  return kept;
}
