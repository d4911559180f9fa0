import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const entry = join(import.meta.dirname, '../../src/main.ts');

/** A real worker process under a test's control. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = '';

  constructor(environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [entry], {
      env: { PATH: process.env['PATH'], WORKER_HTTP_PORT: '0', LOG_LEVEL: 'debug', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Everything it logged so far. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Where it serves its health, once it does. */
  async healthUrl(): Promise<string> {
    while (this.isRunning) {
      const port = /"port":(\d+),"msg":"worker started"/.exec(this.#output)?.[1];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
      await pause(10);
    }
    throw new Error(`the worker ended:\n${this.#output}`);
  }

  /** Status of /readyz. */
  async readiness(): Promise<number> {
    return (await fetch(`${await this.healthUrl()}/readyz`)).status;
  }

  /** Resolves when it hears notifications, has found nothing to do and waits to be told. */
  async asleep(): Promise<void> {
    while (!this.#output.includes('listening for jobs')) await pause(10);
    const metrics = `${await this.healthUrl()}/metrics`;
    while (!(await (await fetch(metrics)).text()).includes('threadline_worker_asleep 1')) await pause(20);
  }

  async ready(): Promise<this> {
    while ((await this.readiness()) !== 200) await pause(20);
    return this;
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.#child.kill(signal);
    return this.#exited;
  }
}
