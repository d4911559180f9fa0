import { glob, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { supabaseFolder } from '../paths.ts';
import { describeFailures, parseTap } from './tap.ts';

const testsFolder = join(supabaseFolder, 'tests/database');

/** Every pgTAP file, as a path inside supabase/tests/database, in alphabetical order. */
export async function findPgtapFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('**/*.test.sql', { cwd: testsFolder })) files.push(file);
  return files.sort();
}

/** Installs pgTAP and loads what the tests share. Only for databases without customers in them. */
export async function preparePgtap(databaseUrl: string): Promise<void> {
  await withConnection(databaseUrl, async (sql) => {
    await sql.unsafe('create extension if not exists pgtap with schema extensions');
    const setup = await readdir(join(testsFolder, 'setup'));
    for (const file of setup.sort()) await sql.unsafe(await readFile(join(testsFolder, 'setup', file), 'utf8'));
  });
}

/**
 * Runs one file in a session of its own. The files roll back what they do.
 * @returns what failed, in words; empty when all is well
 */
export async function runPgtapFile(databaseUrl: string, file: string): Promise<string[]> {
  const text = await readFile(join(testsFolder, file), 'utf8');
  return withConnection(databaseUrl, async (sql) => {
    try {
      return describeFailures(parseTap(linesOf(await sql.unsafe(text).simple())));
    } catch (error) {
      return [describeError(error, text)];
    }
  });
}

/** Several statements answer several results; every row's first column is a line, or some, of TAP. */
function linesOf(results: unknown): string[] {
  if (!Array.isArray(results)) return [];
  const rows: unknown[] = results.flat();
  return rows.flatMap((row) => {
    const values: unknown[] = typeof row === 'object' && row !== null ? Object.values(row) : [];
    const [first] = values;
    return typeof first === 'string' ? first.split('\n') : [];
  });
}

function describeError(error: unknown, text: string): string {
  if (!(error instanceof postgres.PostgresError)) return String(error);
  const position = Number(error.position);
  const line = Number.isInteger(position) ? text.slice(0, position).split('\n').length : undefined;
  return [
    `SQL error ${error.code}: ${error.message}${line === undefined ? '' : ` (line ${line})`}`,
    ...(error.detail ? [error.detail] : []),
    ...(error.where ? [error.where] : []),
  ].join('\n  ');
}

async function withConnection<Value>(
  databaseUrl: string,
  work: (sql: postgres.Sql) => Promise<Value>,
): Promise<Value> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
