import postgres from 'postgres';
import type { ReservedSql, Sql } from 'postgres';
import { inject } from 'vitest';
import '../../src/stack-file.ts';

/** One connection whose transactions are begun and ended by hand, so that two can be put in any order. */
export interface Session {
  sql: ReservedSql;
  /** The server process, as `pg_blocking_pids` names it. */
  pid: number;
}

export interface Arena {
  /** For looking on and tidying up; holds no locks. */
  onlooker: Sql;
  session(): Promise<Session>;
  /** Resolves when the session waits for a lock another one holds. */
  untilBlocked(session: Session): Promise<void>;
  /** An empty database with the world of the pgTAP tests (`tests.build_world`) in it, and every session rolled back. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The first value of the first row. */
export async function value({ sql }: { sql: Sql | ReservedSql }, query: string): Promise<unknown> {
  const [row] = await sql.unsafe<Record<string, unknown>[]>(query);
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Statements that take away all that belongs to an organization; what ships with the migrations stays. */
const emptying = `
  select format('delete from %s where organization_id is not null', a.attrelid::regclass) as statement
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where a.attname = 'organization_id' and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  union all
  select format('delete from %s', t::regclass) from unnest(array[
    'public.organizations', 'public.webhook_events', 'private.sleeping_workers', 'auth.users', 'realtime.messages',
    'pgmq.q_sms_priority_queue', 'pgmq.q_sms_queue', 'pgmq.q_sms_dead_letter', 'private.pacers', 'private.daily_usage',
    'private.account_load', 'private.missing_reports'
  ]) t`;

/** A copy of the pgTAP database: whatever is committed here is seen by nobody else. */
export async function openArena(name: string): Promise<Arena> {
  const template = new URL(inject('pgtapDatabaseUrl'));
  const own = new URL(template);
  own.pathname = `/${name}`;
  const neighbour = new URL(template);
  neighbour.pathname = '/postgres';
  await withOneConnection(neighbour, async (sql) => {
    await sql.unsafe(`drop database if exists ${name} with (force)`);
    await sql.unsafe(`create database ${name} template "${template.pathname.slice(1)}"`);
  });
  const connect = () => postgres(own.href, { max: 1, onnotice: () => {} });
  const onlooker = connect();
  const clients: Sql[] = [onlooker];
  const sessions: Session[] = [];

  async function session(): Promise<Session> {
    const client = connect();
    clients.push(client);
    const sql = await client.reserve();
    const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    if (row === undefined) throw new Error('The connection has no process');
    const opened = { sql, pid: row.pid };
    sessions.push(opened);
    return opened;
  }

  async function untilBlocked({ pid }: Session): Promise<void> {
    for (;;) {
      const [row] = await onlooker<{ blocked: boolean }[]>`
        select cardinality(pg_blocking_pids(${pid})) > 0 as blocked`;
      if (row?.blocked === true) return;
    }
  }

  async function reset(): Promise<void> {
    await Promise.all(sessions.map(({ sql }) => sql.unsafe('rollback')));
    await onlooker.begin(async (sql) => {
      const rows = await sql.unsafe<{ statement: string }[]>(emptying);
      // As a replica: no trigger runs, and the record of opt-outs lets nobody delete it otherwise.
      await sql.unsafe('set local session_replication_role = replica');
      await sql.unsafe(rows.map(({ statement }) => statement).join('; '));
    });
    await onlooker`select tests.build_world()`;
    await onlooker`update public.message_media set status = 'stored'`;
  }

  async function close(): Promise<void> {
    await Promise.all(clients.map((client) => client.end({ timeout: 1 })));
    await withOneConnection(neighbour, (sql) => sql.unsafe(`drop database ${name} with (force)`));
  }

  return { onlooker, session, untilBlocked, reset, close };
}

async function withOneConnection(url: URL, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  await work(sql);
  await sql.end({ timeout: 1 });
}
