import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discardHome } from '../src/home.ts';
import { homePaths } from '../src/paths.ts';
import { isListening } from '../src/port-check.ts';
import { readStackFile } from '../src/stack-file.ts';
import { findFreePortBase } from '../src/testing/free-ports.ts';

const fixture = join(import.meta.dirname, 'fixtures/bare-supervisor.ts');
let home: string;
let portBase: number;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'threadline-supervisor-'));
  await chmod(home, 0o755);
  portBase = await findFreePortBase();
});

afterAll(() => discardHome(home));

function start() {
  const child = spawn(process.execPath, [fixture, home, String(portBase)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const said = () => Buffer.concat(output).toString();
  const ready = new Promise<void>((settle, fail) => {
    child.stdout.on('data', () => {
      if (said().includes('ready')) settle();
    });
    child.once('exit', () => fail(new Error(said())));
  });
  return { child, ready, exited: once(child, 'exit'), said };
}

async function portsClosed(): Promise<boolean> {
  for (let looks = 0; looks < 100; looks += 1) {
    const open = await Promise.all(Array.from({ length: 11 }, (_, index) => isListening(portBase + index)));
    if (!open.includes(true)) return true;
    await pause(150);
  }
  return false;
}

async function onDatabase<Value>(work: (sql: postgres.Sql) => Promise<Value>): Promise<Value> {
  const stack = await readStackFile(homePaths(home).stack);
  const sql = postgres(stack?.dbUrl ?? '', { max: 1, onnotice: () => {} });
  return work(sql).finally(() => sql.end({ timeout: 1 }));
}

test('data and keys outlive a killed supervisor, and nothing of it keeps running', async () => {
  const first = start();
  await first.ready;
  const before = await readStackFile(homePaths(home).stack);
  await onDatabase(
    (sql) => sql`update public.organizations set name = 'Kept' where slug = 'harbor-dental-care'`,
  );

  const second = start();
  await expect(second.ready).rejects.toThrow('already running');

  first.child.kill('SIGKILL');
  await first.exited;
  expect(await portsClosed()).toBe(true);

  const third = start();
  await third.ready;
  expect(await readStackFile(homePaths(home).stack)).toEqual(before);
  const kept = await onDatabase((sql) => sql`select slug from public.organizations where name = 'Kept'`);
  expect(kept).toHaveLength(1);

  third.child.kill('SIGTERM');
  expect(await third.exited).toEqual([0, null]);
  expect(await portsClosed()).toBe(true);
  await expect(stat(homePaths(home).stack)).rejects.toThrow('ENOENT');
});
