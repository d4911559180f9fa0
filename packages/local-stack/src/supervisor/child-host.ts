import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';
import { spawnChild, type Child, type ChildOptions } from './child.ts';

/** Starts the processes of one stack and makes sure none of them outlives it. */
export type ChildHost = {
  spawn(options: Omit<ChildOptions, 'logPath'>): Promise<Child>;
  /**
   * Runs a program to its end.
   * @throws StackError with the given message and what the program last printed, unless it ends with code 0
   */
  run(options: Omit<ChildOptions, 'logPath'>, failure: string): Promise<void>;
  /** This home is thrown away with us, even if we are killed. */
  discard(home: string): void;
  /** Ends whatever still runs, within two seconds, and lets the guard go. */
  close(): Promise<void>;
};

export async function createChildHost(logFolder: string): Promise<ChildHost> {
  await mkdir(logFolder, { recursive: true });
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
  });
  reaper.unref();
  reaper.stdin.on('error', () => {});
  const running = new Set<Child>();
  const state = { closed: false };
  const start = async (options: Omit<ChildOptions, 'logPath'>): Promise<Child> => {
    const child = await spawnChild({ ...options, logPath: join(logFolder, `${options.name}.log`) });
    if (state.closed) {
      await child.stop(0);
      throw new StackError(`${options.name} was not needed any more.`);
    }
    reaper.stdin.write(`+${child.pid} ${child.stopSignal}\n`);
    running.add(child);
    void child.exited.then(() => {
      running.delete(child);
      reaper.stdin.write(`-${child.pid}\n`);
    });
    return child;
  };
  return {
    spawn: start,
    async run(options, failure) {
      const child = await start(options);
      const { code } = await child.exited;
      if (code !== 0) throw new StackError(failure, await child.lastLines(30));
    },
    discard: (home) => void reaper.stdin.write(`discard ${home}\n`),
    async close() {
      state.closed = true;
      await Promise.all([...running].map((child) => child.stop(2_000)));
      reaper.stdin.end();
    },
  };
}
