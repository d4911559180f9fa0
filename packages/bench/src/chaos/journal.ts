import { performance } from 'node:perf_hooks';

export type Entry = { atMs: number; seconds: number; what: string };

/** What the harness did, and when, to lay beside the logs of what was broken. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly #begin = performance.now();
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  note(what: string): void {
    const seconds = Math.round((performance.now() - this.#begin) / 100) / 10;
    this.entries.push({ atMs: Date.now(), seconds, what });
    this.#tell(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  }
}
