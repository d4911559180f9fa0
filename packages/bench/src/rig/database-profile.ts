import { setTimeout as pause } from 'node:timers/promises';
import type { Table } from '../report/report.ts';
import type { Rig } from './rig.ts';
import { rounded } from '../report/statistics.ts';
import { waitUntil } from './wait-until.ts';

/** One statement, inside functions too, with what it cost altogether. */
export type Statement = { statement: string; calls: number; totalMs: number; meanMs: number; rows: number };

/**
 * Restarts the database with pg_stat_statements (counting inside functions) and empties its figures. Counting costs a
 * few percent: do not compare a profiled run with one that is not.
 */
export async function startProfiling({ sql, parts }: Rig): Promise<void> {
  await sql`alter system set shared_preload_libraries = 'pg_stat_statements'`;
  const postgres = parts.get('postgres');
  const before = postgres?.child();
  if (before === undefined) throw new Error('this stack has no database of its own');
  process.kill(before.pid, 'SIGINT');
  await before.exited;
  const restarted = async (): Promise<true | null> => {
    if (postgres?.child() === before) return null;
    return sql`select 1`.then(
      () => true as const,
      () => null,
    );
  };
  await waitUntil(restarted, { timeoutMs: 30_000, everyMs: 100, what: 'the database to come back' });
  await pause(500);
  await sql`create extension if not exists pg_stat_statements`;
  await sql`alter system set pg_stat_statements.track = 'all'`;
  await sql`alter system set track_functions = 'all'`;
  await sql`select pg_reload_conf()`;
}

export async function resetProfile({ sql }: Rig): Promise<void> {
  await sql`select pg_stat_statements_reset(), pg_stat_reset()`;
}

/** A function and the time spent in itself: its statements included, the functions they call left out. */
export type FunctionTime = { name: string; calls: number; selfMs: number; totalMs: number };

export async function topFunctions({ sql }: Rig, limit = 30): Promise<FunctionTime[]> {
  const rows = await sql`
    select schemaname || '.' || funcname as name, calls::float8 as calls, self_time as self, total_time as total
    from pg_stat_user_functions order by self_time desc limit ${limit}`;
  return rows.map((row) => ({
    name: String(row['name']),
    calls: Number(row['calls']),
    selfMs: rounded(Number(row['self']), 0),
    totalMs: rounded(Number(row['total']), 0),
  }));
}

/** How often rows were written, and how many of the updates left every index alone (HOT). */
export type TableWrites = {
  table: string;
  inserts: number;
  updates: number;
  hotUpdates: number;
  deletes: number;
};

export async function tableWrites({ sql }: Rig): Promise<TableWrites[]> {
  const rows = await sql`
    select schemaname || '.' || relname as name, n_tup_ins::float8 as inserts, n_tup_upd::float8 as updates,
      n_tup_hot_upd::float8 as hot, n_tup_del::float8 as deletes
    from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0
    order by n_tup_ins + n_tup_upd + n_tup_del desc`;
  return rows.map((row) => ({
    table: String(row['name']),
    inserts: Number(row['inserts']),
    updates: Number(row['updates']),
    hotUpdates: Number(row['hot']),
    deletes: Number(row['deletes']),
  }));
}

/** The most expensive statements since profiling began. Functions contain statements, so the times overlap. */
export async function topStatements({ sql }: Rig, limit = 40): Promise<Statement[]> {
  const rows = await sql`
    select regexp_replace(left(query, 400), '\\s+', ' ', 'g') as statement, calls::float8 as calls,
      total_exec_time as total, mean_exec_time as mean, rows::float8 as rows
    from pg_stat_statements order by total_exec_time desc limit ${limit}`;
  return rows.map((row) => ({
    statement: String(row['statement']).slice(0, 160),
    calls: Number(row['calls']),
    totalMs: rounded(Number(row['total']), 0),
    meanMs: rounded(Number(row['mean']), 3),
    rows: Number(row['rows']),
  }));
}

export type Profile = { statements: Statement[]; functions: FunctionTime[]; writes: TableWrites[] };

export async function readProfile(rig: Rig): Promise<Profile> {
  // Connections hand in their figures when they have been idle for a moment.
  await pause(2_000);
  return {
    statements: await topStatements(rig),
    functions: await topFunctions(rig),
    writes: await tableWrites(rig),
  };
}

export function profileTables({ statements, functions, writes }: Profile): Table[] {
  return [
    {
      title: 'Where the database spends its time (a statement includes those of the functions it calls)',
      columns: ['total ms', 'calls', 'mean ms', 'rows', 'statement'],
      rows: statements.map((top) => [top.totalMs, top.calls, top.meanMs, top.rows, top.statement]),
    },
    {
      title: 'The same by function',
      columns: ['self ms', 'total ms', 'calls', 'function'],
      rows: functions.map((top) => [top.selfMs, top.totalMs, top.calls, top.name]),
    },
    {
      title: 'Rows written',
      columns: ['inserts', 'updates', 'of them HOT', 'deletes', 'table'],
      rows: writes.map((table) => [
        table.inserts,
        table.updates,
        table.hotUpdates,
        table.deletes,
        table.table,
      ]),
    },
  ];
}
