import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import type { Sql } from 'postgres';
import { asAccount, chooseAccount } from '../../postgres/account.ts';
import { findBinaries, program } from '../../postgres/binaries.ts';

const run = promisify(execFile);
const firstPort = 4400;
const portCount = 50;

/** A throw-away Postgres with the realtime schema and three roles. */
export type TestDatabase = {
  url: string;
  sql: Sql;
  stop: () => Promise<void>;
  start: () => Promise<void>;
  remove: () => Promise<void>;
};

/** A port nobody listens on, from the range set aside for these tests. */
export async function takePort(): Promise<number> {
  const offset = Math.floor(Math.random() * portCount);
  for (let step = 0; step < portCount; step += 1) {
    const port = firstPort + ((offset + step) % portCount);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 4400 and 4449');
}

export async function startDatabase(): Promise<TestDatabase> {
  const account = await chooseAccount();
  const binaries = await findBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'threadline-realtime-'));
  if (account) await chown(folder, account.uid, account.gid);
  const as = { ...asAccount(account), cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
  const data = join(folder, 'data');
  const options = [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await run(program(binaries, 'initdb'), options, as);

  const port = await takePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const sql = postgres(url, { max: 4, onnotice: () => undefined, backoff: () => 0.05 });
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const spawned = spawn(program(binaries, 'postgres'), ['-D', data, ...settings(port)], {
      ...as,
      stdio: 'ignore',
    });
    child = spawned;
    // A run that is cut short must not leave a server behind.
    process.once('exit', () => spawned.kill('SIGINT'));
    await waitForConnections(url);
  };
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  await start();
  await sql.unsafe(`create role anon nologin; create role authenticated nologin;
    create role service_role nologin bypassrls; ${await schema()}`);
  const remove = async (): Promise<void> => {
    await sql.end({ timeout: 1 });
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, sql, start, stop, remove };
}

export function schema(): Promise<string> {
  return readFile(new URL('../../sql/realtime.sql', import.meta.url), 'utf8');
}

function settings(port: number): string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'wal_level=logical',
    'fsync=off',
    'max_connections=40',
    'shared_buffers=16MB',
    'log_min_messages=fatal',
  ].flatMap((setting) => ['-c', setting]);
}

async function waitForConnections(url: string): Promise<void> {
  for (;;) {
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
    const answered = await sql`select 1`.then(
      () => true,
      () => false,
    );
    await sql.end({ timeout: 1 });
    if (answered) return;
    await delay(30);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.once('error', () => settle(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => settle(true)));
  });
}
