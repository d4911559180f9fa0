import { readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { StackError } from '../stack-error.ts';

const lockSchema = z.object({ pid: z.number().int(), started: z.string(), webUrl: z.string() });

export type HomeLock = {
  /** True when an earlier supervisor of this home was killed and could not tidy up. */
  takenOver: boolean;
  release(): Promise<void>;
};

/**
 * Makes sure one home has one supervisor.
 * @throws StackError naming the one that runs
 */
export async function lockHome(path: string, webUrl: string): Promise<HomeLock> {
  const mine = JSON.stringify({ pid: process.pid, started: await startedAt(process.pid), webUrl });
  for (let takenOver = false; ; takenOver = true) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return { takenOver, release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = lockSchema.safeParse(await readJson(path)).data;
    if (holder && (await isSameProcess(holder.pid, holder.started))) {
      throw new StackError(`This stack is already running (process ${holder.pid}): ${holder.webUrl}`, [
        'Stop it first, or start a second one with a home and ports of its own:',
        'THREADLINE_HOME=/tmp/second THREADLINE_PORT_BASE=4400 npm start',
      ]);
    }
    await rm(path, { force: true });
  }
}

async function isSameProcess(pid: number, started: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await startedAt(pid)) === started;
}

/** Process numbers are used again; together with the start time (proc(5), field 22) they name one process. */
async function startedAt(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
