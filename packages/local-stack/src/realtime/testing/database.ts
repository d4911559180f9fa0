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
import { reachableBinaries } from '../../postgres/placement.ts';

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

/** Runs `start` on a port nobody listens on, and again on another where somebody was quicker. */
export async function onFreePort<Value>(start: (port: number) => Promise<Value>): Promise<Value> {
  const offset = Math.floor(Math.random() * portCount);
  for (let step = 0; step < portCount; step += 1) {
    const port = firstPort + ((offset + step) % portCount);
    if (!(await isFree(port))) continue;
    try {
      return await start(port);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw new Error('no free port between 4400 and 4449');
}

export async function startDatabase(): Promise<TestDatabase> {
  const account = await chooseAccount();
  const found = await findBinaries();
  const binaries = account ? await reachableBinaries(found, account) : found;
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

  const start = async (port: number): Promise<ChildProcess> => {
    const child = spawn(program(binaries, 'postgres'), ['-D', data, ...settings(port)], {
      ...as,
      stdio: 'ignore',
    });
    // A run that is cut short must not leave a server behind.
    process.once('exit', () => child.kill('SIGINT'));
    await waitForConnections(urlOf(port), data, child);
    return child;
  };
  const { port, started } = await onFreePort(async (candidate) => ({
    port: candidate,
    started: await start(candidate),
  }));
  let child = started;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  };
  const url = urlOf(port);
  const sql = postgres(url, { max: 4, onnotice: () => undefined, backoff: () => 0.05 });
  await sql.unsafe(`create role anon nologin; create role authenticated nologin;
    create role service_role nologin bypassrls; ${await schema()}`);
  const remove = async (): Promise<void> => {
    await sql.end({ timeout: 1 });
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async (): Promise<void> => {
    child = await start(port);
  };
  return { url, sql, stop, start: restart, remove };
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

function urlOf(port: number): string {
  return `postgresql://postgres@127.0.0.1:${port}/postgres`;
}

/** Waits for the server that holds `data`; another may have taken its port. */
async function waitForConnections(url: string, data: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
    const [answer] = await sql<{ data: string }[]>`select current_setting('data_directory') as data`.catch(
      () => [],
    );
    await sql.end({ timeout: 1 });
    if (answer?.data === data) return;
    if (child.exitCode !== null) throw Object.assign(new Error('the port was taken'), { code: 'EADDRINUSE' });
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
