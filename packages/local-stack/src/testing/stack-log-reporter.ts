import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase } from 'vitest/node';
import { sharedStackLogs } from './shared-stack.ts';

/** Bytes shown of each log; the end of it, where trouble is told. */
const mostBytes = 4_000;

/** After the run, for each failed test, what the parts of the shared stack said while it ran. */
export default class StackLogReporter implements Reporter {
  #sizes = new Map<string, number>();
  readonly #reports: string[] = [];

  onTestCaseReady(): void {
    const folder = sharedStackLogs();
    if (folder !== undefined)
      this.#sizes = new Map(logsIn(folder).map((name) => [name, sizeOf(folder, name)]));
  }

  onTestCaseResult(test: TestCase): void {
    const folder = sharedStackLogs();
    if (folder === undefined || test.result().state !== 'failed') return;
    const said = logsIn(folder)
      .map((name) => ({ name, text: textSince(join(folder, name), this.#sizes.get(name) ?? 0) }))
      .filter(({ text }) => text !== '')
      .map(({ name, text }) => `--- ${name}\n${text}`);
    this.#reports.push(`While "${test.fullName}" ran, the stack said:\n${said.join('\n') || '(nothing)'}\n`);
  }

  onTestRunEnd(): void {
    for (const report of this.#reports) console.error(report);
  }
}

function logsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.log'));
  } catch {
    // The stack is gone already.
    return [];
  }
}

function sizeOf(folder: string, name: string): number {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
}

function textSince(path: string, start: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(start, size - mostBytes);
  if (from >= size) return '';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size - from);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, from)).trim();
  } finally {
    closeSync(file);
  }
}
