import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetHome, makeHome } from './home.ts';
import { homePaths } from './paths.ts';
import { StackError } from './stack-error.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'threadline-home-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function fill(...names: string[]): Promise<void> {
  for (const name of names) {
    if (name.includes('.')) await writeFile(join(folder, name), '{}');
    else await mkdir(join(folder, name));
  }
}

it('forgets what a home keeps, and leaves what others put there', async () => {
  await fill('keys.json', 'lock.json', 'postgres', 'storage', 'logs', 'cache', 'start.log');
  await forgetHome(homePaths(folder));
  expect(await readdir(folder)).toEqual(['cache', 'lock.json', 'start.log']);
});

it('forgets a database whose keys are gone', async () => {
  await fill('lock.json', 'postgres', 'logs');
  await forgetHome(homePaths(folder));
  expect(await readdir(folder)).toEqual(['lock.json']);
});

it('touches nothing in a folder that is no home', async () => {
  await fill('lock.json', 'logs', 'storage', 'postgres', 'package.json');
  await forgetHome(homePaths(folder));
  expect(await readdir(folder)).toEqual(['lock.json', 'logs', 'package.json', 'postgres', 'storage']);
});

it('says in a sentence that there can be no such folder', async () => {
  await fill('a.file');
  const made = makeHome(join(folder, 'a.file', 'home'));
  await expect(made).rejects.toThrow(StackError);
  await expect(made).rejects.toThrow(/cannot be made: ENOTDIR/);
  await expect(makeHome(join(folder, 'a.file'))).rejects.toThrow(StackError);
});
