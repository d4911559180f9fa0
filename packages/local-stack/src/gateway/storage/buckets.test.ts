import { expect, test } from 'vitest';
import { chooseBuckets, limitInBytes } from './buckets.ts';

test.each([
  ['20mb', 20_000_000],
  ['1.5KB', 1500],
  ['12b', 12],
  ['7', 7],
  ['2gb', 2e9],
])('a limit of %s is %i bytes', (written, bytes) => {
  expect(JSON.parse(limitInBytes(JSON.stringify({ id: 'x', file_size_limit: written })))).toEqual({
    id: 'x',
    file_size_limit: bytes,
  });
});

test.each(['{"file_size_limit":5}', '{"public":true}', '{"file_size_limit":"a lot"}', '', 'no json'])(
  '%s stays as it was written',
  (text) => {
    expect(limitInBytes(text)).toBe(text);
  },
);

const choose = async (query: string): Promise<string[]> => {
  const buckets = ['b', 'a', 'ab', 'c'].map((name) => ({ id: name, name }));
  const answer = await chooseBuckets(new URLSearchParams(query), Response.json(buckets));
  const chosen = (await answer.json()) as { id: string }[];
  return chosen.map(({ id }) => id);
};

test('buckets are searched, sorted and paged', async () => {
  expect(await choose('')).toEqual(['b', 'a', 'ab', 'c']);
  expect(await choose('search=A&sortColumn=name&sortOrder=desc')).toEqual(['ab', 'a']);
  expect(await choose('sortColumn=name&limit=2&offset=1')).toEqual(['ab', 'b']);
});
