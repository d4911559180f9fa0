import { performance } from 'node:perf_hooks';
import { StackError } from '../stack-error.ts';

/** Tells the person at the terminal what happens, one plain line per step. */
export type Progress = {
  /** Runs a step and prints how long it took. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  note(line: string): void;
};

export function createProgress(write: (line: string) => void): Progress {
  return {
    async step(title, work) {
      const begin = performance.now();
      const slow = setTimeout(() => write(`  … ${title}`), 1_500);
      try {
        const result = await work();
        write(`  ✓ ${title.padEnd(40)} ${seconds(performance.now() - begin)}`);
        return result;
      } catch (error) {
        write(`  ✗ ${title}`);
        throw error;
      } finally {
        clearTimeout(slow);
      }
    },
    note: (line) => write(`  ${line}`),
  };
}

export const silentProgress: Progress = { step: (_title, work) => work(), note: () => {} };

/** What went wrong, for people: no stack trace for what they can put right themselves. */
export function explainFailure(error: unknown): string[] {
  if (error instanceof StackError) return [error.message, ...error.advice.map((line) => `  ${line}`)];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(5)} s`;
}
