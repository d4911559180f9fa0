import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { assertPortFree } from '../port-check.ts';
import { StackError } from '../stack-error.ts';
import type { Child } from '../supervisor/child.ts';
import type { ChildHost } from '../supervisor/child-host.ts';
import { asAccount, chooseAccount } from './account.ts';
import { findBinaries, program, type PostgresBinaries } from './binaries.ts';
import { prepareDataFolder } from './data-folder.ts';
import { unpackExtensions } from './extensions.ts';
import { clearLeftoverServer } from './leftover.ts';
import { placeDatabase, type Placement } from './placement.ts';
import { serverSettings } from './settings.ts';

export type PostgresOptions = {
  /** `<home>/postgres`: the folder, or the link to it, that holds the data. */
  folder: string;
  port: number;
  /** Password of the role `postgres`, the owner. */
  password: string;
  durable: boolean;
  host: ChildHost;
  binaries?: PostgresBinaries;
};

/** Everything needed to start the server, again and again. */
export type PreparedPostgres = PostgresOptions & { placement: Placement; data: string; settings: string[] };

/** Prepares the data folder, the account and the extensions. Starts nothing. */
export async function preparePostgres(options: PostgresOptions): Promise<PreparedPostgres> {
  const binaries = options.binaries ?? (await findBinaries());
  const placement = await placeDatabase(options.folder, binaries, await chooseAccount());
  const data = await prepareDataFolder(placement, options.password);
  await clearLeftoverServer(data);
  await assertPortFree(options.port, 'the database');
  const settings = await serverSettings({
    port: options.port,
    majorVersion: binaries.majorVersion,
    extensionShare: await unpackExtensions(placement.root),
    durable: options.durable,
  });
  return { ...options, placement, data, settings };
}

/** Starts the server and waits until it takes connections. */
export async function startPostgres(prepared: PreparedPostgres): Promise<Child> {
  const { placement, data, settings, host } = prepared;
  await clearLeftoverServer(data);
  const child = await host.spawn({
    name: 'postgres',
    command: program(placement.binaries, 'postgres'),
    args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    cwd: placement.root,
    stopSignal: 'SIGINT',
    ...asAccount(placement.account),
  });
  await waitForConnections(prepared, child);
  return child;
}

/** The owner's connection string. */
export function ownerUrl({ port, password }: Pick<PostgresOptions, 'port' | 'password'>): string {
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

async function waitForConnections(prepared: PreparedPostgres, child: Child): Promise<void> {
  for (;;) {
    if (!child.running()) throw await startFailure(child);
    const sql = postgres(ownerUrl(prepared), { max: 1, connect_timeout: 5, onnotice: () => {} });
    const answered = await sql`select 1`.then(
      () => true,
      () => false,
    );
    await sql.end({ timeout: 1 });
    if (answered) return;
    await pause(40);
  }
}

async function startFailure(child: Child): Promise<StackError> {
  const lines = await child.lastLines(8);
  const memory = lines.some((line) => /shared memory/i.test(line));
  return new StackError('The database did not start.', [
    ...lines,
    ...(memory
      ? ['The machine refuses the shared memory it needs (128 MB): see /dev/shm and kernel.shmmax.']
      : []),
  ]);
}
