import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StackError } from '../stack-error.ts';
import { asAccount } from './account.ts';
import { program } from './binaries.ts';
import type { Placement } from './placement.ts';

const run = promisify(execFile);

/**
 * Makes the data folder of a new home; an existing one is only checked for its version.
 * @returns its absolute path
 * @throws StackError when the data was made by another major version
 */
export async function prepareDataFolder(placement: Placement, password: string): Promise<string> {
  const folder = join(placement.root, 'data');
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (version === String(placement.binaries.majorVersion)) return folder;
  if (version) {
    throw new StackError(
      `The data in ${folder} was made by Postgres ${version}, but this stack runs Postgres ${placement.binaries.version}.`,
      ['Begin afresh, losing the local data: npm start -- --reset'],
    );
  }
  await initialize(placement, folder, password);
  return folder;
}

/** initdb works in a side folder, so that a run cut short never looks like a finished one. */
async function initialize(
  { binaries, account, root }: Placement,
  folder: string,
  password: string,
): Promise<void> {
  const passwordFile = join(root, 'initial-password');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    await chown(folder, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const locale =
    binaries.majorVersion >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : ['--locale=C'];
  const options = [
    '-D',
    folder,
    '-U',
    'postgres',
    '--encoding=UTF8',
    ...locale,
    '--no-sync',
    '--no-instructions',
  ];
  try {
    await run(program(binaries, 'initdb'), [...options, '--auth=scram-sha-256', `--pwfile=${passwordFile}`], {
      ...asAccount(account),
      cwd: root,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new StackError('The database could not be created.', explain(error));
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function explain(error: unknown): string[] {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').slice(-6);
}
