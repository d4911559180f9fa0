import { expect, test } from 'vitest';
import { entriesOf, pageOf } from './list.ts';

const file = (name: string) => ({
  id: name,
  name,
  created_at: '2026-01-01',
  updated_at: '2026-01-01',
  last_accessed_at: '2026-01-01',
  metadata: {},
});
const everything = {
  prefix: '',
  limit: 100,
  offset: 0,
  search: '',
  sortBy: { column: 'name', order: 'asc' },
};

test('files are named within the folder, what lies deeper is one folder', () => {
  const entries = entriesOf(['a/1.txt', 'a/b/2.txt', 'a/b/3.txt', 'other.txt'].map(file), 'a/');
  expect(entries.map(({ name, id }) => [name, id])).toEqual([
    ['b', null],
    ['1.txt', 'a/1.txt'],
  ]);
});

test('a page is searched, sorted and cut', () => {
  const entries = entriesOf(['red.txt', 'blue.txt', 'green.txt'].map(file), '');
  const names = (wanted: object) => pageOf(entries, { ...everything, ...wanted }).map(({ name }) => name);
  expect(names({})).toEqual(['blue.txt', 'green.txt', 'red.txt']);
  expect(names({ sortBy: { column: 'name', order: 'desc' }, limit: 1 })).toEqual(['red.txt']);
  expect(names({ search: 'RE' })).toEqual(['green.txt', 'red.txt']);
  expect(names({ offset: 2 })).toEqual(['red.txt']);
});
