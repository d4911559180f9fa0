import { expect, test } from 'vitest';
import { readCall } from './call-request.ts';

const post = (query = '', headers: Record<string, string> = {}) =>
  new Request(`http://api/rest/v1/rpc/send${query}`, { method: 'POST', headers });

test('a plain call asks for every row, uncounted', () => {
  expect(readCall(post())).toEqual({
    page: { limit: null, offset: 0 },
    wantsSingle: false,
    wantsTotal: false,
  });
});

test('a page, a count and a single row may be asked for', () => {
  const headers = { prefer: 'count=exact', accept: 'application/vnd.pgrst.object+json' };
  expect(readCall(post('?limit=2&offset=4', headers))).toEqual({
    page: { limit: 2, offset: 4 },
    wantsSingle: true,
    wantsTotal: true,
  });
});

test.each([
  ['columns', post('?select=id')],
  ['a filter', post('?id=eq.1')],
  ['a limit that is none', post('?limit=1;drop')],
  ['another schema', post('', { 'content-profile': 'private' })],
  ['another form of answer', post('', { accept: 'text/csv' })],
  ['a GET', new Request('http://api/rest/v1/rpc/send')],
  ['a table', new Request('http://api/rest/v1/books', { method: 'POST' })],
])('%s is left to lite', (_name, request) => {
  expect(readCall(request)).toBeUndefined();
});
