import { expect, test } from 'vitest';
import { columnNames, completeRows, refuseBrokenToken, wordForLite } from './rest-request.ts';

const ask = (headers: Record<string, string>) => new Request('http://api/rest/v1/books', { headers });

test.each([
  ['no token', { apikey: 'k' }],
  ['the key once more', { apikey: 'k', authorization: 'Bearer k' }],
  ['a token', { apikey: 'k', authorization: 'Bearer a.b.c' }],
])('%s is let through', (_name, headers) => {
  expect(refuseBrokenToken(ask(headers))).toBeUndefined();
});

test.each([
  ['something else', { apikey: 'k', authorization: 'Bearer nonsense' }],
  ['another key', { apikey: 'k', authorization: 'bearer sb_secret_other' }],
  ['a token with a hole', { apikey: 'k', authorization: 'Bearer a..c' }],
])('%s in place of a token is refused', async (_name, headers) => {
  const refusal = refuseBrokenToken(ask(headers));
  expect(refusal?.status).toBe(401);
  expect(await refusal?.json()).toMatchObject({ code: 'PGRST301' });
});

test('columns are named with or without quotes', () => {
  expect(columnNames('"title","a, b","say ""so""",plain')).toEqual(['title', 'a, b', 'say "so"', 'plain']);
});

test('a row’s missing columns are null, and rows that lack nothing stay as they were written', () => {
  expect(JSON.parse(completeRows('[{"a":1},{"b":2}]', ['a', 'b']))).toEqual([
    { a: 1, b: null },
    { a: null, b: 2 },
  ]);
  expect(completeRows('[{"a": 9007199254740993}]', ['a'])).toBe('[{"a": 9007199254740993}]');
  expect(completeRows('{"a":1}', ['a', 'b'])).toBe('{"a":1}');
  expect(completeRows('not json', ['a'])).toBe('not json');
});

test('where defaults are asked for, nothing is filled in', async () => {
  const body = '[{"a":1},{"b":2}]';
  const headers = { 'content-type': 'application/json', prefer: 'missing=default' };
  const request = new Request('http://api/rest/v1/t?columns="a","b"', { method: 'POST', headers, body });
  expect(await (await wordForLite(request)).text()).toBe(body);
});
