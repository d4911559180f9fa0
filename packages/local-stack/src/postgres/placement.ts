import { createHash, randomUUID } from 'node:crypto';
import { chown, cp, lstat, mkdir, readlink, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StackError } from '../stack-error.ts';
import { canExecute, canWrite, type SystemAccount } from './account.ts';
import { program, type PostgresBinaries } from './binaries.ts';

/** Where root keeps databases whose home the database's account cannot enter. */
const sharedFolder = '/var/lib/threadline';

/** A folder the database's account can use, and binaries it can run. */
export type Placement = {
  binaries: PostgresBinaries;
  account: SystemAccount | undefined;
  /** Holds data/ and the unpacked extensions; the link `<home>/postgres` leads here. */
  root: string;
};

/**
 * Decides where the database lives. A clone often sits in a folder only root may enter (`mktemp -d`, /root),
 * and the account Postgres then runs as cannot reach it: the data moves to /var/lib/threadline and the home
 * keeps a link.
 * @param link `<home>/postgres`
 */
export async function placeDatabase(
  link: string,
  binaries: PostgresBinaries,
  preferred: SystemAccount | undefined,
): Promise<Placement> {
  await mkdir(dirname(link), { recursive: true });
  const account = await ownerOfExistingData(link, preferred);
  if (!account) return { binaries, account, root: await ownFolder(link) };
  const root = await reachableFolder(link, account);
  return { binaries: await reachableBinaries(binaries, account), account, root };
}

/** Removes the database and, where it lives elsewhere, that folder too. */
export async function removeDatabase(link: string): Promise<void> {
  const target = await readlink(link).catch(() => undefined);
  if (target?.startsWith(`${sharedFolder}/`)) await rm(target, { recursive: true, force: true });
  await rm(link, { recursive: true, force: true });
}

/** Data made by one account can only be served by that account. */
async function ownerOfExistingData(
  link: string,
  preferred: SystemAccount | undefined,
): Promise<SystemAccount | undefined> {
  const data = await stat(join(link, 'data')).catch(() => undefined);
  const self = process.getuid?.();
  if (!data || self === undefined || data.uid === self) return preferred;
  if (self === 0) return { name: `user ${data.uid}`, uid: data.uid, gid: data.gid };
  throw new StackError(`The database in ${link} belongs to another account (user ${data.uid}).`, [
    'Start it as the account that made it, or set THREADLINE_HOME to a folder of your own.',
  ]);
}

async function ownFolder(link: string): Promise<string> {
  const known = await lstat(link).catch(() => undefined);
  if (known?.isSymbolicLink()) await rm(link);
  await mkdir(link, { recursive: true, mode: 0o700 });
  return link;
}

async function reachableFolder(link: string, account: SystemAccount): Promise<string> {
  const target = await readlink(link).catch(() => undefined);
  if (target) return ownedFolder(target, account);
  const existed = (await lstat(link).catch(() => undefined)) !== undefined;
  await ownedFolder(link, account);
  if (await canWrite(link, account)) return link;
  const elsewhere = join(sharedFolder, createHash('sha256').update(link).digest('hex').slice(0, 16));
  if (existed) await move(link, elsewhere);
  else await rmdir(link);
  await ownedFolder(elsewhere, account);
  await symlink(elsewhere, link);
  return elsewhere;
}

async function ownedFolder(folder: string, account: SystemAccount): Promise<string> {
  if (folder.startsWith(`${sharedFolder}/`)) await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  return folder;
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
  await cp(from, to, { recursive: true, preserveTimestamps: true });
  await rm(from, { recursive: true });
}

/** Binaries the account can run: these, or a copy of them where it can enter, made once per version. */
export async function reachableBinaries(
  binaries: PostgresBinaries,
  account: SystemAccount,
): Promise<PostgresBinaries> {
  if (await canExecute(program(binaries, 'postgres'), account)) return binaries;
  const copy = { ...binaries, root: join(sharedFolder, `postgres-${binaries.version}`) };
  if (await canExecute(program(copy, 'postgres'), account)) return copy;
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
  const unfinished = `${copy.root}.${randomUUID()}`;
  await cp(binaries.root, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(unfinished, copy.root);
  } catch {
    // Somebody else was quicker, or an older copy is broken.
    if (!(await canExecute(program(copy, 'postgres'), account))) {
      await rm(copy.root, { recursive: true, force: true });
      await rename(unfinished, copy.root);
    }
  }
  await rm(unfinished, { recursive: true, force: true });
  return copy;
}
