import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const registered = Object.keys(errorCodes);

const raisedBySql = new Set(
  globSync('supabase/migrations/*.sql', { cwd: root }).flatMap(
    (path) => read(path).match(/\bTL\d{3}\b/g) ?? [],
  ),
);

it('holds every code the migrations raise or promise', () => {
  expect([...raisedBySql].filter((code) => !registered.includes(code))).toEqual([]);
});

it('sets aside, and says so in docs/error-codes.md, only what no migration raises', () => {
  const [, list = ''] = /^Set aside[^:]*: (.*)\.$/m.exec(read('docs/error-codes.md')) ?? [];
  expect(list.match(/TL\d{3}/g) ?? []).toEqual(registered.filter((code) => !raisedBySql.has(code)));
});

it('stands in docs/error-codes.md word for word', () => {
  const rows = read('docs/error-codes.md')
    .split('\n')
    .filter((line) => line.startsWith('| `TL'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const expected = Object.entries(errorCodes).map(([code, { name, meaning, userText, httpStatus }]) => [
    `\`${code}\``,
    `\`${name}\``,
    meaning,
    userText,
    String(httpStatus),
  ]);
  expect(rows).toEqual(expected);
});
