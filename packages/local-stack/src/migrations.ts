import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Sql } from 'postgres';
import { inheritedEnvironment } from './config.ts';
import { migrationsFolder, repositoryRoot } from './paths.ts';
import type { ChildHost } from './supervisor/child-host.ts';

/** The pinned Supabase CLI, to be run with this Node. */
export const supabaseCli = join(
  dirname(createRequire(import.meta.url).resolve('supabase/package.json', { paths: [repositoryRoot] })),
  'dist/supabase.js',
);

/** Names a database to the CLI. On this very machine there is nobody to hide from, and TLS is not offered. */
export function cliTarget(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (isLocal && !url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'disable');
  return `--remote=${url.href}`;
}

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

/** Applies pending migrations with the same command an operator uses. @throws StackError with its output */
export function pushMigrations(databaseUrl: string, host: ChildHost): Promise<void> {
  return host.run(
    {
      name: 'migrations',
      command: process.execPath,
      args: [supabaseCli, 'db', 'push', cliTarget(databaseUrl), '--include-all', '--yes'],
      cwd: repositoryRoot,
      env: inheritedEnvironment(),
    },
    'A migration could not be applied.',
  );
}
