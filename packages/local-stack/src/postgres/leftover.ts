import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Clears what a killed supervisor left in a data folder: a server that still runs on it is stopped, and a pid
 * file whose number now belongs to some other program is removed. Call only while holding the home's lock.
 */
export async function clearLeftoverServer(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return;
  if (await servesFolder(pid, dataFolder)) await stopServer(pid);
  else await rm(pidFile, { force: true });
}

/** A postmaster changes into its data folder, so its working directory tells whose it is. */
async function servesFolder(pid: number, dataFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const folder = await realpath(`/proc/${pid}/cwd`).catch(() => undefined);
  const wanted = await realpath(dataFolder);
  if (folder) return folder === wanted;
  // Without /proc only the pid file speaks; Postgres refuses by itself if a live server holds the folder.
  return process.platform !== 'linux';
}

/** SIGINT is Postgres' fast shutdown, SIGQUIT its immediate one (Postgres manual, "Shutting Down the Server"). */
async function stopServer(pid: number): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 10],
    ['SIGQUIT', 5],
    ['SIGKILL', 5],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < seconds * 20 && isAlive(pid); waited += 1) await pause(50);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
