import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');

/** Where the environment may be read. The realtime server of the embedded stack is only ever started by its supervisor. */
const readers = globSync(['**/config.ts', 'web/src/env.ts'], {
  cwd: root,
  exclude: ['**/node_modules/**', 'packages/local-stack/src/{realtime,gateway}/**'],
});
const variable = /\b(?:SUPABASE|PUBLIC|WORKER|CARRIER|PROVIDER|THREADLINE|LOG)_[A-Z_]+\b/g;
/** Set by hosted Supabase itself. */
const givenByPlatform = ['SUPABASE_SECRET_KEYS'];

const explained = new Set(Array.from(read('.env.example').matchAll(/^([A-Z_]+)=/gm), ([, name]) => name));

it.each(readers)('.env.example explains every variable of %s', (path) => {
  const names = new Set(read(path).match(variable) ?? []);
  const unexplained = [...names].filter((name) => !explained.has(name) && !givenByPlatform.includes(name));
  expect(unexplained).toEqual([]);
});

it('.env.example explains nothing that nobody reads', () => {
  const sources = [...readers, 'web/node-server-entry.js', 'docs/operations.md'].map(read).join('\n');
  expect([...explained].filter((name) => name !== undefined && !sources.includes(name))).toEqual([]);
});
