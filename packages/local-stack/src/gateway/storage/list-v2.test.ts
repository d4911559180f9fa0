import { expect, test } from 'vitest';
import type { StoredObject } from './list.ts';
import { pageAfter, readCursor, type ListRequest } from './list-v2.ts';

const stored = (name: string, day: number): StoredObject => {
  const time = `2026-11-${String(day).padStart(2, '0')}T00:00:00+00:00`;
  return { id: name, name, created_at: time, updated_at: time, last_accessed_at: time, metadata: {} };
};
const objects = [stored('b/2', 1), stored('a', 4), stored('b/1', 3), stored('b/c/3', 2), stored('d', 4)];

const wanted = (more: Partial<ListRequest> = {}): ListRequest => ({
  prefix: '',
  limit: 1000,
  cursor: undefined,
  with_delimiter: false,
  sortBy: { column: 'name', order: 'asc' },
  ...more,
});

/** Names of every page, the way a client walks from one to the next. */
function walk(request: ListRequest): string[][] {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = pageAfter(readCursor(cursor) ?? undefined, objects, request);
    pages.push([...page.folders, ...(page.objects as { name: string }[])].map(({ name }) => name));
    cursor = page.nextCursor;
    expect(page.hasNext).toBe(cursor !== undefined);
  } while (cursor !== undefined);
  return pages;
}

test('objects are told by their full names, whatever their depth', () => {
  expect(walk(wanted())).toEqual([['a', 'b/1', 'b/2', 'b/c/3', 'd']]);
  expect(walk(wanted({ prefix: 'b/' }))).toEqual([['b/1', 'b/2', 'b/c/3']]);
});

test('with a delimiter what lies deeper is folders, which count as entries', () => {
  expect(pageAfter(undefined, objects, wanted({ with_delimiter: true }))).toMatchObject({
    folders: [{ key: 'b', name: 'b/' }],
    objects: [
      { key: 'a', name: 'a' },
      { key: 'd', name: 'd' },
    ],
  });
  expect(walk(wanted({ with_delimiter: true, limit: 2 }))).toEqual([['b/', 'a'], ['d']]);
  expect(pageAfter(undefined, objects, wanted({ with_delimiter: true, prefix: 'b/' })).folders).toEqual([
    { key: 'c', name: 'b/c/' },
  ]);
});

test('pages leave nothing out and repeat nothing, in every order', () => {
  const sorted = (column: 'name' | 'created_at', order: 'asc' | 'desc') =>
    walk(wanted({ limit: 2, sortBy: { column, order } })).flat();
  expect(sorted('name', 'desc')).toEqual(['d', 'b/c/3', 'b/2', 'b/1', 'a']);
  expect(sorted('created_at', 'asc')).toEqual(['b/2', 'b/c/3', 'b/1', 'a', 'd']);
  expect(sorted('created_at', 'desc')).toEqual(['d', 'a', 'b/1', 'b/c/3', 'b/2']);
});

test('a page goes on after its cursor, also when that entry has gone meanwhile', () => {
  const page = pageAfter({ value: 'b/1x', name: 'b/1x' }, objects, wanted());
  expect(page.objects).toMatchObject([{ name: 'b/2' }, { name: 'b/c/3' }, { name: 'd' }]);
});
