import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from 'postgres';

const sqlFolder = join(import.meta.dirname, 'sql');

/** Brings a bare Postgres to where a hosted project stands before its first migration. Safe to repeat. */
export async function bootstrapPlatform(sql: Sql): Promise<void> {
  for (const name of ['platform.sql', 'realtime.sql']) {
    const script = await readFile(join(sqlFolder, name), 'utf8').catch(() => undefined);
    if (script !== undefined) await sql.unsafe(script);
  }
}
