import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAccounts } from './account.ts';
import { findBinaries } from './binaries.ts';
import { prepareDataFolder } from './data-folder.ts';
import { clearLeftoverServer } from './leftover.ts';
import { serverSettings } from './settings.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'threadline-data-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('accounts are read from passwd, broken lines passed over', () => {
  expect(parseAccounts('root:x:0:0::/root:/bin/sh\nbroken\npostgres:x:101:104:,,,:/:/bin/sh\n')).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'postgres', uid: 101, gid: 104 },
  ]);
});

test('data of another major version is left alone, and the message names both and the way out', async () => {
  const data = join(folder, 'data');
  await mkdir(data);
  await writeFile(join(data, 'PG_VERSION'), '14\n');
  const binaries = await findBinaries();
  const refusal = prepareDataFolder({ binaries, account: undefined, root: folder }, 'password');
  await expect(refusal).rejects.toThrow(/made by Postgres 14, but this stack runs Postgres 18/);
  await expect(refusal).rejects.toMatchObject({ advice: [expect.stringContaining('npm start -- --reset')] });
});

test('a pid file whose number now belongs to another program is removed, the program is not touched', async () => {
  const pidFile = join(folder, 'postmaster.pid');
  await writeFile(pidFile, `${process.pid}\n`);
  await clearLeftoverServer(folder);
  await expect(rm(pidFile)).rejects.toThrow('ENOENT');
});

test('only throw-away stacks give up safety for speed', async () => {
  const durable = await serverSettings({ port: 1, majorVersion: 18, durable: true });
  const throwAway = await serverSettings({ port: 1, majorVersion: 18, durable: false });
  expect(durable.some((setting) => setting.startsWith('fsync'))).toBe(false);
  expect(throwAway).toContain('fsync=off');
});

test('older servers are not given settings they do not know', async () => {
  const settings = await serverSettings({ port: 1, majorVersion: 15, durable: true, extensionShare: '/x' });
  expect(settings.some((setting) => /^(io_method|extension_control_path)=/.test(setting))).toBe(false);
});
