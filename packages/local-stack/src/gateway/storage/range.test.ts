import { expect, test } from 'vitest';
import { partOf, readRange } from './range.ts';

test.each([
  ['bytes=2-4', { first: 2, last: 4 }],
  ['bytes=7-', { first: 7, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-30', { first: 0, last: 9 }],
  ['bytes=8-99', { first: 8, last: 9 }],
  ['bytes=10-', 'beyond'],
  ['bytes=-0', 'beyond'],
  ['bytes=4-2', undefined],
  ['bytes=0-1,3-4', undefined],
  ['lines=0-1', undefined],
  ['bytes=-', undefined],
])('%s of ten bytes', (header, range) => {
  expect(readRange(header, 10)).toEqual(range);
});

/** Ten digits, in pieces that no range fits. */
function file(): Response {
  const pieces = ['0', '12', '', '34567', '89'].map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  const headers = { 'content-length': '10', etag: '"tag"', 'last-modified': 'Fri, 20 Nov 2026 09:00:00 GMT' };
  return new Response(body, { headers });
}

const get = (headers: Record<string, string>, method = 'GET') =>
  new Request('http://api/storage', { method, headers });

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=0-9', '0123456789', 'bytes 0-9/10'],
  ['bytes=9-9', '9', 'bytes 9-9/10'],
  ['bytes=-4', '6789', 'bytes 6-9/10'],
])('%s is answered alone', async (range, text, contentRange) => {
  const answer = partOf(get({ range }), file());
  expect(answer.status).toBe(206);
  expect(answer.headers.get('content-range')).toBe(contentRange);
  expect(answer.headers.get('content-length')).toBe(String(text.length));
  expect(await answer.text()).toBe(text);
});

test('a range beyond the end is refused with the size', () => {
  const answer = partOf(get({ range: 'bytes=10-' }), file());
  expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */10']);
});

test.each([
  ['its tag', { 'if-none-match': 'W/"other", "tag"' }, 304],
  ['any tag', { 'if-none-match': '*' }, 304],
  ['another tag', { 'if-none-match': '"other"', 'if-modified-since': 'Fri, 20 Nov 2026 10:00:00 GMT' }, 200],
  ['a later time', { 'if-modified-since': 'Fri, 20 Nov 2026 09:00:00 GMT' }, 304],
  ['an earlier time', { 'if-modified-since': 'Fri, 20 Nov 2026 08:59:59 GMT' }, 200],
  ['no time at all', { 'if-modified-since': 'yesterday' }, 200],
])('a file that the asker has by %s', (_name, headers, status) => {
  expect(partOf(get(headers), file()).status).toBe(status);
});

test('a part is sent only of the very file meant', async () => {
  const range = 'bytes=0-1';
  expect(partOf(get({ range, 'if-range': '"tag"' }), file()).status).toBe(206);
  expect(await partOf(get({ range, 'if-range': '"older"' }), file()).text()).toBe('0123456789');
});

test('refusals and questions about a file pass whole', () => {
  const refusal = new Response('no', { status: 400 });
  expect(partOf(get({ range: 'bytes=0-1' }), refusal)).toBe(refusal);
  expect(partOf(get({ range: 'bytes=0-1' }, 'HEAD'), file()).status).toBe(200);
});
