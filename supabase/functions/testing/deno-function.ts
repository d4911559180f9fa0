import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const stackPackage = join(import.meta.dirname, '../../../packages/local-stack/package.json');
const denoFolder = dirname(createRequire(stackPackage).resolve('deno/package.json'));
const deno = join(denoFolder, process.platform === 'win32' ? 'deno.exe' : 'deno');

export function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A function served by the real Deno, offline: what is not on this machine cannot be imported. */
export class DenoFunction {
  readonly url: string;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(folder: string, port: number, environment: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    const permissions = ['--no-prompt', '--allow-net', '--allow-env'];
    const offline = ['--no-lock', '--no-remote', '--node-modules-dir=manual'];
    this.#child = spawn(deno, ['run', '--quiet', ...permissions, ...offline, 'index.ts'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DENO_NO_UPDATE_CHECK: '1',
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        NO_COLOR: '1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
  }

  /** @param folder of index.ts and deno.json. Resolves once it answers, whatever it answers. */
  static async start(folder: string, environment: Readonly<Record<string, string>>): Promise<DenoFunction> {
    const started = new DenoFunction(folder, await freePort(), environment);
    while (started.#child.exitCode === null) {
      const answers = await fetch(started.url).then(
        () => true,
        () => false,
      );
      if (answers) return started;
      await pause(50);
    }
    throw new Error(`the function ended:\n${started.#output}`);
  }

  /** Lines it wrote, without Deno's own. */
  get lines(): string[] {
    return this.#output.split('\n').filter((line) => line !== '' && !line.startsWith('Listening on'));
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await gone;
  }
}
