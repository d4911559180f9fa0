import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Sql } from 'postgres';
import { inheritedEnvironment } from './config.ts';
import { migrationsFolder, repositoryRoot } from './paths.ts';
import { StackError } from './stack-error.ts';

const run = promisify(execFile);

/** The pinned Supabase CLI, to be run with this Node. */
export const supabaseCli = join(
  dirname(createRequire(import.meta.url).resolve('supabase/package.json', { paths: [repositoryRoot] })),
  'dist/supabase.js',
);

/** Versions (the number before the first underscore) of the migration files not yet in the database. */
export async function pendingMigrations(sql: Sql): Promise<string[]> {
  const files = await readdir(migrationsFolder);
  const versions = files.flatMap((file) => /^(\d+)_.*\.sql$/.exec(file)?.[1] ?? []).sort();
  const [history] = await sql`select to_regclass('supabase_migrations.schema_migrations') as known`;
  if (history?.['known'] === null) return versions;
  const applied = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`;
  const known = new Set(applied.map(({ version }) => version));
  return versions.filter((version) => !known.has(version));
}

/** Applies pending migrations with the same command an operator uses. */
export async function pushMigrations(databaseUrl: string): Promise<void> {
  try {
    await run(
      process.execPath,
      [supabaseCli, 'db', 'push', `--remote=${databaseUrl}`, '--include-all', '--yes'],
      {
        cwd: repositoryRoot,
        env: { ...inheritedEnvironment(), SUPABASE_TELEMETRY_DISABLED: '1' },
      },
    );
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new StackError('A migration could not be applied.', output.trim().split('\n').slice(-12));
  }
}
