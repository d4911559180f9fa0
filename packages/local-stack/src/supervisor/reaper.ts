/**
 * Runs beside the supervisor and outlives it by a moment: when the supervisor is gone (its end of our stdin
 * closes, even by kill -9) every process group it had started is ended, so nothing is left behind.
 * Input: lines of `+<pid> <signal>`, `-<pid>`, and `discard <folder>` for a home that must not outlive it.
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const graceMs = 5_000;
const groups = new Map<number, NodeJS.Signals>();
const homes = new Set<string>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('discard ')) homes.add(line.slice('discard '.length));
  const match = /^([+-])(\d+)(?: (SIG[A-Z0-9]+))?$/.exec(line);
  if (!match) continue;
  const pid = Number(match[2]);
  if (match[1] === '+') groups.set(pid, match[3] === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  else groups.delete(pid);
}

for (const [pid, signal] of groups) send(pid, signal);
for (let waited = 0; waited < graceMs && anyAlive(); waited += 100) await pause(100);
for (const pid of groups.keys()) send(pid, 'SIGKILL');
if (homes.size > 0) {
  const { discardHome } = await import('../home.ts');
  for (const home of homes) await discardHome(home).catch(() => {});
}

function anyAlive(): boolean {
  return [...groups.keys()].some((pid) => send(pid, 0));
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
