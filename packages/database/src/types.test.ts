import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const migrations = join(import.meta.dirname, '../../../supabase/migrations');

/** Names of what the migrations create in `public`, by a look at their text. */
async function created(kind: 'table' | 'function'): Promise<string[]> {
  const files = (await readdir(migrations)).filter((name) => name.endsWith('.sql'));
  const sql = (await Promise.all(files.map((name) => readFile(join(migrations, name), 'utf8')))).join('\n');
  const names = [...sql.matchAll(new RegExp(`^create ${kind} public\\.(\\w+)`, 'gm'))].map(
    ([, name]) => name ?? '',
  );
  return [...new Set(names)].sort();
}

test.each(['table', 'function'] as const)('the generated types know every %s of the API', async (kind) => {
  const types = await readFile(join(import.meta.dirname, 'types.ts'), 'utf8');
  const names = await created(kind);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !types.includes(`"${name}":`))).toEqual([]);
});
