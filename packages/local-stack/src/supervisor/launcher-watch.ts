import { readFile } from 'node:fs/promises';

const lookEveryMs = 1_000;

/**
 * Notices when the npm that launched us is gone. npm passes a SIGTERM on to its shell and no further, and a killed
 * npm passes on nothing: either way nobody would be left to stop us.
 * @returns stops watching
 */
export async function watchLauncher(onGone: () => void): Promise<() => void> {
  const shell = process.ppid;
  const npm = await parentOf(shell);
  const timer = setInterval(() => {
    void parentOf(shell).then((parent) => {
      if (process.ppid === shell && parent === npm) return;
      clearInterval(timer);
      onGone();
    });
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** The fourth field of proc(5) `stat`; undefined where there is no /proc. */
async function parentOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const parent = text?.slice(text.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}
