import { rm } from 'node:fs/promises';
import { homePaths } from './paths.ts';
import { removeDatabase } from './postgres/placement.ts';

/** Removes a home for good, wherever its database lives. */
export async function discardHome(home: string): Promise<void> {
  await removeDatabase(homePaths(home).postgres);
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
