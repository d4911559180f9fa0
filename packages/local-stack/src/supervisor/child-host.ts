import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnChild, type Child, type ChildOptions } from './child.ts';

/** Starts the processes of one stack and makes sure none of them outlives it. */
export type ChildHost = {
  spawn(options: Omit<ChildOptions, 'logPath'>): Promise<Child>;
  /** Lets the guard go; call when every child has ended. */
  close(): void;
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
  return {
    async spawn(options) {
      const child = await spawnChild({ ...options, logPath: join(logFolder, `${options.name}.log`) });
      reaper.stdin.write(`+${child.pid} ${child.stopSignal}\n`);
      void child.exited.then(() => reaper.stdin.write(`-${child.pid}\n`));
      return child;
    },
    close: () => void reaper.stdin.end(),
  };
}
