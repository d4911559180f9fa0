import { chmod, mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discardHome } from '../home.ts';
import { homePaths } from '../paths.ts';
import { startStack, type RunningStack, type StackOptions } from '../stack.ts';
import { silentProgress } from '../supervisor/progress.ts';
import { findFreePortBase } from './free-ports.ts';

const prefix = 'threadline-test-';
const abandonedAfterMs = 10 * 60_000;

/** A seeded stack with a home and ports of its own, gone without a trace after `stop`. */
export async function startThrowAwayStack(options: Partial<StackOptions> = {}): Promise<RunningStack> {
  await sweepAbandonedHomes();
  const home = await mkdtemp(join(tmpdir(), prefix));
  // Readable, so that the database's account may pass through when we run as root.
  await chmod(home, 0o755);
  const running = await startStack({
    home,
    portBase: await findFreePortBase(),
    reset: false,
    durable: false,
    temporary: true,
    web: 'production',
    logLevel: 'info',
    progress: silentProgress,
    onGiveUp: (error) => console.error(error.message, ...error.advice),
    ...options,
  }).catch(async (error: unknown) => {
    await discardHome(home);
    throw error;
  });
  return {
    ...running,
    async stop() {
      await running.stop();
      await discardHome(home);
    },
  };
}

/** A run that was killed could not tidy up; the next one does. */
async function sweepAbandonedHomes(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const home of names.map((name) => join(tmpdir(), name))) {
    const path = homePaths(home).lock;
    const lock = await readFile(path, 'utf8').catch(() => undefined);
    const pid = Number(/"pid":(\d+)/.exec(lock ?? '')?.[1]);
    if (lock === undefined || isAlive(pid)) continue;
    if (Date.now() - (await stat(path)).mtimeMs > abandonedAfterMs) await discardHome(home);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
