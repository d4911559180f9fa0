import { spawn } from 'node:child_process';
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const largestLog = 5 * 1024 * 1024;

export type ChildOptions = {
  name: string;
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd: string;
  logPath: string;
  uid?: number;
  gid?: number;
  /** What asks it to end gracefully; SIGTERM unless given. */
  stopSignal?: NodeJS.Signals;
};

export type ChildExit = { code: number | null; signal: NodeJS.Signals | null };

export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
  /** Settles when the process has ended, however it ended. */
  readonly exited: Promise<ChildExit>;
  readonly running: () => boolean;
  /** Asks, waits, then kills the whole process group. */
  stop(graceMs: number): Promise<void>;
  /** The end of what it printed since it started. */
  lastLines(count: number): Promise<string[]>;
};

/** Starts a process in a group of its own, so that a Ctrl-C reaches us alone and we choose the order of ending. */
export async function spawnChild(options: ChildOptions): Promise<Child> {
  await rotate(options.logPath);
  const log = await open(options.logPath, 'a');
  const begin = (await log.stat()).size;
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const started = new Promise<number>((settle, fail) => {
    child.once('spawn', () => settle(child.pid ?? 0));
    child.once('error', fail);
  });
  let running = true;
  const exited = new Promise<ChildExit>((settle) => {
    child.once('exit', (code, signal) => settle({ code, signal }));
    child.once('error', () => settle({ code: 127, signal: null }));
  }).finally(() => (running = false));
  const pid = await started.finally(() => log.close());
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  return {
    name: options.name,
    pid,
    stopSignal,
    exited,
    running: () => running,
    stop: (graceMs) => stopGroup(pid, stopSignal, exited, graceMs),
    lastLines: (count) => readLastLines(options.logPath, begin, count),
  };
}

async function stopGroup(
  pid: number,
  stopSignal: NodeJS.Signals,
  exited: Promise<ChildExit>,
  graceMs: number,
): Promise<void> {
  signalGroup(pid, stopSignal);
  const patience = new AbortController();
  const asked = pause(graceMs, 'late', { signal: patience.signal, ref: true }).catch(() => 'ended');
  if ((await Promise.race([exited, asked])) === 'late') signalGroup(pid, 'SIGKILL');
  patience.abort();
  await exited;
  // Grandchildren that outlived their parent end here.
  signalGroup(pid, 'SIGKILL');
}

/** Signals every process of the group led by `pid`; a group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function rotate(path: string): Promise<void> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > largestLog) await rename(path, `${path}.1`);
}

async function readLastLines(path: string, begin: number, count: number): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(begin, size - 16_384);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.max(size - from, 1)),
      0,
      size - from,
      from,
    );
    return buffer.toString('utf8', 0, bytesRead).split('\n').filter(Boolean).slice(-count);
  } finally {
    await file.close();
  }
}
