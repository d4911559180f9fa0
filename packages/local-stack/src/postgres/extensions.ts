import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { extract } from 'tar';

const resolve = createRequire(import.meta.url).resolve;

/** npm packages that carry a pure-SQL extension as a tarball with a Postgres share/ tree in it. */
const packages = [
  { name: '@electric-sql/pglite-pgmq', tarball: 'pgmq.tar.gz' },
  { name: '@electric-sql/pglite-pgtap', tarball: 'pgtap.tar.gz' },
];

/**
 * Unpacks pgmq and pgTAP so that `create extension` finds them.
 * @param parent a folder the database's account can read
 * @returns the folder for `extension_control_path` (it holds `extension/`)
 */
export async function unpackExtensions(parent: string): Promise<string> {
  const tarballs = packages.map(({ name, tarball }) => join(dirname(resolve(name)), tarball));
  const stamps = await Promise.all(tarballs.map(async (path) => (await stat(path)).size.toString(36)));
  const target = join(parent, `extensions-${stamps.join('-')}`);
  const share = join(target, 'share/postgresql');
  if ((await stat(share).catch(() => undefined)) !== undefined) return share;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const file of tarballs) await extract({ file, cwd: unfinished });
  await makeReadable(unfinished);
  await rename(unfinished, target);
  return share;
}

/** A strict umask would hide the files from the account the database runs as. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
