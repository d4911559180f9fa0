import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';
import type { Child } from './child.ts';

export type PartOptions = {
  name: string;
  /** Starts the process and waits until it answers. */
  start(): Promise<Child>;
  /** How long it may take to end by itself, in milliseconds. */
  graceMs: number;
  onRestart(message: string): void;
  /** The part cannot be kept alive: everything has to stop. */
  onGiveUp(error: StackError): void;
  /** Waits before new starts, in milliseconds; as many quick deaths are forgiven. */
  backOffMs?: readonly number[];
};

export type Part = {
  readonly name: string;
  child(): Child;
  stop(): Promise<void>;
};

const usualBackOffMs: readonly number[] = [100, 500, 1_000, 2_000, 4_000];
const quickDeathMs = 10_000;

/** Starts one part and keeps it running: a death is answered by a new start, five quick ones by giving up. */
export async function startPart(options: PartOptions): Promise<Part> {
  const backOffMs = options.backOffMs ?? usualBackOffMs;
  let child = await options.start();
  const stopped = new AbortController();
  const isStopped = (): boolean => stopped.signal.aborted;

  const keepAlive = async (): Promise<void> => {
    let quickDeaths = 0;
    for (;;) {
      const begin = performance.now();
      const exit = await child.exited;
      if (isStopped()) return;
      quickDeaths = performance.now() - begin < quickDeathMs ? quickDeaths + 1 : 0;
      const how = exit.signal ?? `code ${exit.code ?? 'unknown'}`;
      if (quickDeaths > backOffMs.length) throw await failure(options.name, child);
      options.onRestart(`${options.name} ended (${how}); starting it again`);
      await pause(backOffMs[quickDeaths - 1] ?? backOffMs[0], undefined, {
        signal: stopped.signal,
      }).catch(() => {});
      if (isStopped()) return;
      child = await options.start().catch((error: unknown) => {
        if (!isStopped())
          options.onRestart(
            `${options.name} did not start: ${error instanceof Error ? error.message : String(error)}`,
          );
        return child;
      });
    }
  };
  keepAlive().catch((error: unknown) => {
    options.onGiveUp(error instanceof StackError ? error : new StackError(String(error)));
  });

  return {
    name: options.name,
    child: () => child,
    async stop() {
      stopped.abort();
      await child.stop(options.graceMs);
    },
  };
}

/** A part that ended although nobody asked it to, with the last it said. */
export async function failure(name: string, child: Child): Promise<StackError> {
  const lines = await child.lastLines(12);
  return new StackError(`${name} keeps ending.`, lines.length > 0 ? lines : ['It printed nothing.']);
}
