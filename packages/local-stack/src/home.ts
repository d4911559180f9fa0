import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { homePaths } from './paths.ts';
import type { HomePaths } from './paths.ts';
import { removeDatabase } from './postgres/placement.ts';
import { StackError } from './stack-error.ts';

/** @throws StackError when there can be no such folder */
export async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StackError(`The folder for everything this stack keeps cannot be made: ${reason}`, [
      'Set THREADLINE_HOME to a folder you may write to.',
    ]);
  }
}

/** Empties a home. A folder that was never one stays as it is: a slip in THREADLINE_HOME must not cost anybody their files. */
export async function forgetHome(paths: HomePaths): Promise<void> {
  const entries = await readdir(paths.home);
  const ours = new Set(Object.values(paths).map((path) => basename(path)));
  const isHome = entries.includes(basename(paths.keys)) || entries.every((name) => ours.has(name));
  if (!isHome) return;
  await removeDatabase(paths.postgres);
  await Promise.all([paths.storage, paths.logs].map((path) => rm(path, { recursive: true, force: true })));
  // Last, so that what is left when this is broken off is still a home.
  await rm(paths.keys, { force: true });
}

/** Removes a home for good, wherever its database lives. */
export async function discardHome(home: string): Promise<void> {
  await removeDatabase(homePaths(home).postgres);
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
