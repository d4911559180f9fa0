import { chmod } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { stackAddresses, type StackAddresses } from './addresses.ts';
import { bootstrapPlatform } from './bootstrap.ts';
import { describeDemo, seedDemo } from './demo.ts';
import { findFunctions } from './functions.ts';
import { forgetHome, makeHome } from './home.ts';
import { loadKeys, type StackKeys } from './keys.ts';
import { pendingMigrations, pushMigrations } from './migrations.ts';
import { homePaths, type HomePaths } from './paths.ts';
import { assertPortFree, isListening } from './port-check.ts';
import { preparePostgres, startPostgres } from './postgres/server.ts';
import * as programs from './programs.ts';
import { waitForAnswer, waitForPort } from './readiness.ts';
import { removeStackFile, writeStackFile, type Stack } from './stack-file.ts';
import { StackError } from './stack-error.ts';
import { createChildHost, type ChildHost } from './supervisor/child-host.ts';
import { lockHome } from './supervisor/lock.ts';
import { startPart, type Part } from './supervisor/part.ts';
import type { Progress } from './supervisor/progress.ts';
import { buildWeb, findWebBuild, hasWebApp } from './web-build.ts';

export type StackOptions = {
  home: string;
  portBase: number;
  /** Forget everything the home keeps before starting. */
  reset: boolean;
  /** Off for stacks that are thrown away: the database then trades safety for speed. */
  durable: boolean;
  /** The home is removed when we are gone, however we end. */
  temporary?: boolean;
  web: 'production' | 'development' | 'none';
  logLevel: string;
  progress: Progress;
  /** Gives up starting: what has been started is stopped again, and `startStack` rejects. */
  signal?: AbortSignal;
  /** A part cannot be kept alive; the caller should stop the stack and say why. */
  onGiveUp(error: StackError): void;
};

export type RunningStack = {
  stack: Stack;
  parts: ReadonlyMap<string, Part>;
  stop(): Promise<void>;
};

/** Starts every part in order of need, and as much at once as that allows. */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const paths = homePaths(options.home);
  await makeHome(paths.home);
  // The database's account must be able to pass through; what is secret inside has tighter modes of its own.
  if (process.getuid?.() === 0) await chmod(paths.home, 0o711);
  const lock = await lockHome(paths.lock, `http://127.0.0.1:${options.portBase}`);
  let assembly: Assembly | undefined;
  const stop = async (): Promise<void> => {
    await removeStackFile(paths.stack);
    await assembly?.stop();
    await lock.release();
  };
  try {
    if (options.reset) await forgetHome(paths);
    await removeStackFile(paths.stack);
    const keys = await loadKeys(paths.home);
    const addresses = stackAddresses(options.portBase, keys);
    if (lock.takenOver) await waitForRelease(addresses);
    await assertPortsFree(addresses);
    const host = await createChildHost(paths.logs);
    if (options.temporary) host.discard(paths.home);
    assembly = new Assembly(options, paths, keys, addresses, host);
    const stack = await unlessAborted(assembly.start(), options.signal);
    await writeStackFile(paths.stack, stack);
    return { stack, parts: assembly.parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  // What is cut short fails on its own once its processes are gone; nobody waits for that any more.
  work.catch(() => {});
  const aborted = new Promise<never>((_, fail) => {
    const giveUp = (): void => fail(new StackError('Stopped before everything was ready.'));
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
  return Promise.race([work, aborted]);
}

/** The parts of one stack while they are put together and taken apart. */
class Assembly {
  readonly parts = new Map<string, Part>();
  readonly #options: StackOptions;
  readonly #paths: HomePaths;
  readonly #keys: StackKeys;
  readonly #addresses: StackAddresses;
  readonly #host: ChildHost;
  #stopping = false;

  constructor(
    options: StackOptions,
    paths: HomePaths,
    keys: StackKeys,
    addresses: StackAddresses,
    host: ChildHost,
  ) {
    this.#options = options;
    this.#paths = paths;
    this.#keys = keys;
    this.#addresses = addresses;
    this.#host = host;
  }

  async start(): Promise<Stack> {
    const { progress, logLevel } = this.#options;
    const functions = await findFunctions();
    const input = { addresses: this.#addresses, keys: this.#keys, paths: this.#paths, functions, logLevel };
    const web = this.#prepareWeb();
    // Awaited below, together with the rest; until then a failure must not count as unhandled.
    web.catch(() => {});
    const early = Promise.all([
      this.#startProgram(programs.carrierProgram(input)),
      ...programs.functionPrograms(input).map((program) => this.#startProgram(program)),
    ]);
    early.catch(() => {});
    await progress.step('database', () => this.#startDatabase());
    const sql = postgres(this.#addresses.database, { max: 2, onnotice: () => {} });
    try {
      await this.#migrate(sql);
      await progress.step('API gateway and Realtime', async () => {
        await Promise.all([
          this.#startProgram(programs.gatewayProgram(input)),
          this.#startProgram(programs.realtimeProgram(input)),
        ]);
      });
      await progress.step('demo', () => seedDemo(sql, this.#addresses.api, this.#keys.secretKey));
      await progress.step('functions, carrier and worker', async () => {
        await Promise.all([early, this.#startProgram(programs.workerProgram(input))]);
      });
      const build = await web;
      if (build !== null)
        await progress.step('web', () => this.#startProgram(programs.webProgram(input, build)));
      return { ...this.#describe(), ...(await describeDemo(sql)) };
    } finally {
      await sql.end({ timeout: 1 });
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const postgresPart = this.parts.get('postgres');
    await Promise.all(
      [...this.parts.values()].filter((part) => part !== postgresPart).map((part) => part.stop()),
    );
    await postgresPart?.stop();
    await this.#host.close();
  }

  async #startDatabase(): Promise<void> {
    const prepared = await preparePostgres({
      folder: this.#paths.postgres,
      port: this.#addresses.ports.postgres,
      password: this.#keys.databasePassword,
      durable: this.#options.durable,
      host: this.#host,
    });
    await this.#startPart('postgres', 10_000, () => startPostgres(prepared));
  }

  async #migrate(sql: Sql): Promise<void> {
    const { progress } = this.#options;
    await bootstrapPlatform(sql);
    const pending = await pendingMigrations(sql);
    if (pending.length > 0) {
      await progress.step(`${pending.length} migrations`, () =>
        pushMigrations(this.#addresses.database, this.#host),
      );
    }
    const [worker] = await sql`select 1 from pg_catalog.pg_roles where rolname = 'threadline_worker'`;
    if (worker)
      await sql.unsafe(`alter role threadline_worker login password '${this.#keys.workerPassword}'`);
  }

  /** The folder of the finished build; undefined to serve the sources; null for no web app at all. */
  async #prepareWeb(): Promise<string | undefined | null> {
    const { web, progress } = this.#options;
    if (web === 'none' || !hasWebApp()) return null;
    if (web === 'development') return undefined;
    const { folder, built } = await findWebBuild();
    if (!built)
      await progress.step('web app built (kept for the next start)', () => buildWeb(folder, this.#host));
    return folder;
  }

  async #startProgram(program: programs.Program | undefined): Promise<void> {
    if (!program) return;
    await this.#startPart(program.name, program.graceMs, async () => {
      const child = await this.#host.spawn(program);
      if (program.readyUrl === undefined) await waitForPort(child, program.port);
      else await waitForAnswer(child, program.readyUrl);
      return child;
    });
  }

  async #startPart(
    name: string,
    graceMs: number,
    start: () => ReturnType<ChildHost['spawn']>,
  ): Promise<void> {
    const part = await startPart({
      name,
      graceMs,
      start,
      onRestart: (message) => this.#options.progress.note(message),
      onGiveUp: (error) => {
        if (!this.#stopping) this.#options.onGiveUp(error);
      },
    });
    this.parts.set(name, part);
  }

  #describe(): Omit<Stack, 'organization' | 'accounts'> {
    const addresses = this.#addresses;
    return {
      apiUrl: addresses.api,
      publishableKey: this.#keys.publishableKey,
      secretKey: this.#keys.secretKey,
      dbUrl: addresses.database,
      webUrl: addresses.web,
      carrierUrl: addresses.carrier,
      functionsUrl: addresses.functions,
      workerUrl: addresses.worker,
      anonKey: this.#keys.anonKey,
      serviceRoleKey: this.#keys.serviceRoleKey,
      jwtSecret: this.#keys.jwtSecret,
      workerDatabaseUrl: addresses.workerDatabase,
      realtimeUrl: `${addresses.api}/realtime/v1`,
      home: this.#paths.home,
    };
  }
}

function namedPorts({ ports }: StackAddresses): [number, string][] {
  return [
    [ports.web, 'the web app'],
    [ports.carrier, 'the carrier simulator'],
    [ports.gateway, 'the API'],
    [ports.postgres, 'the database'],
    [ports.realtime, 'Realtime'],
    [ports.worker, 'the worker'],
  ];
}

async function assertPortsFree(addresses: StackAddresses): Promise<void> {
  for (const [port, purpose] of namedPorts(addresses)) {
    if (port !== addresses.ports.postgres) await assertPortFree(port, purpose);
  }
}

/** After a kill the guard needs a moment to end what was left; the ports tell when it has. */
async function waitForRelease(addresses: StackAddresses): Promise<void> {
  for (let waited = 0; waited < 80; waited += 1) {
    const busy = await Promise.all(namedPorts(addresses).map(([port]) => isListening(port)));
    if (!busy.includes(true)) return;
    await pause(100);
  }
}
