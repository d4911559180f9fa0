import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

export type Patience = { timeoutMs: number; everyMs: number; what: string };

/** Asks again and again until the answer is not null. @throws Error naming what was waited for, after `timeoutMs` */
export async function waitUntil<T>(ask: () => Promise<T | null>, patience: Patience): Promise<T> {
  const until = performance.now() + patience.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > until)
      throw new Error(`waited ${patience.timeoutMs / 1000} s for ${patience.what}`);
    await pause(patience.everyMs);
  }
}
