import { readdir, readFile } from 'node:fs/promises';

/** Processor time (seconds, user and system) and resident memory (bytes) of a process, or of a whole family. */
export type Usage = { cpuSeconds: number; residentBytes: number };

/** Clock ticks a second in /proc/<pid>/stat (sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;
const pageBytes = 4096;

type Stat = { parent: number; ticks: number; reapedTicks: number; residentBytes: number };

/** Of one process. Null where there is no /proc, or when it has ended. */
export async function usageOf(pid: number): Promise<Usage | null> {
  const stat = await readStat(pid);
  return stat && { cpuSeconds: stat.ticks / ticksPerSecond, residentBytes: stat.residentBytes };
}

/** Of a process and its children, those that have ended included (Postgres: one child for each connection). */
export async function usageOfFamily(pid: number): Promise<Usage | null> {
  const head = await readStat(pid);
  if (!head) return null;
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(numbers.map(readStat));
  const children = stats.filter((stat) => stat?.parent === pid);
  const all = [head, ...children];
  return {
    cpuSeconds: (all.reduce((sum, stat) => sum + (stat?.ticks ?? 0), 0) + head.reapedTicks) / ticksPerSecond,
    residentBytes: all.reduce((sum, stat) => sum + (stat?.residentBytes ?? 0), 0),
  };
}

/** proc(5): fields counted behind the name, which may itself contain spaces and brackets. */
async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? 0;
  return {
    parent: field(4),
    ticks: field(14) + field(15),
    reapedTicks: field(16) + field(17),
    residentBytes: field(24) * pageBytes,
  };
}
