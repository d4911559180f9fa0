import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHome } from './lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'threadline-lock-'));
  path = join(folder, 'lock.json');
});

afterEach(() => rm(folder, { recursive: true }));

test('a second supervisor of one home is sent to the first', async () => {
  await lockHome(path, 'http://127.0.0.1:4300');
  await expect(lockHome(path, 'http://127.0.0.1:4300')).rejects.toThrow(
    `already running (process ${process.pid}): http://127.0.0.1:4300`,
  );
});

test('a released lock can be taken again', async () => {
  const first = await lockHome(path, 'http://a');
  await first.release();
  expect((await lockHome(path, 'http://a')).takenOver).toBe(false);
});

test('the lock of a supervisor that is gone is taken over', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, started: '1', webUrl: 'http://a' }));
  expect((await lockHome(path, 'http://a')).takenOver).toBe(true);
});

test.runIf(process.platform === 'linux')('a process number in new hands does not hold the lock', async () => {
  await lockHome(path, 'http://a');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/"started":"\d+"/, '"started":"1"'));
  expect((await lockHome(path, 'http://a')).takenOver).toBe(true);
});

test('half a lock file holds nothing', async () => {
  await writeFile(path, '{"pid":');
  expect((await lockHome(path, 'http://a')).takenOver).toBe(true);
});
