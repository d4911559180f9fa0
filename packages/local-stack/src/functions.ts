import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { functionsFolder, supabaseFolder } from './paths.ts';

export type EdgeFunction = {
  name: string;
  entry: string;
  configPath: string | undefined;
  verifyJwt: boolean;
};

/** Every Edge Function of the project: a folder with an index.ts whose name does not begin with `_`. */
export async function findFunctions(): Promise<EdgeFunction[]> {
  const settings = parseFunctionSettings(
    await readFile(join(supabaseFolder, 'config.toml'), 'utf8').catch(() => ''),
  );
  const entries = await readdir(functionsFolder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name))
    .map(({ name }) => ({ name, entry: join(functionsFolder, name, 'index.ts') }))
    .filter(({ entry }) => existsSync(entry))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ name, entry }) => {
      const configPath = join(functionsFolder, name, 'deno.json');
      return {
        name,
        entry,
        configPath: existsSync(configPath) ? configPath : undefined,
        verifyJwt: settings[name]?.['verify_jwt'] !== 'false',
      };
    });
}

/** Reads the `[functions.<name>]` tables of config.toml: plain `key = value` lines, values as written. */
export function parseFunctionSettings(toml: string): Record<string, Record<string, string>> {
  const settings: Record<string, Record<string, string>> = {};
  let current: Record<string, string> | undefined;
  for (const line of toml.split('\n')) {
    const table = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (table !== undefined) {
      const name = /^functions\.(.+)$/.exec(table)?.[1]?.replaceAll('"', '');
      current = name === undefined ? undefined : (settings[name] ??= {});
      continue;
    }
    const pair = /^\s*([\w-]+)\s*=\s*([^#]*?)\s*(?:#.*)?$/.exec(line);
    if (current && pair?.[1] && pair[2] !== undefined) current[pair[1]] = pair[2].replaceAll('"', '');
  }
  return settings;
}

/** The Deno that npm installed. */
export function denoProgram(): string {
  const require = createRequire(import.meta.url);
  const beside = join(dirname(require.resolve('deno/package.json')), 'deno');
  if (existsSync(beside)) return beside;
  // Where the package may not write, it leaves the program in the package of its platform.
  const family = process.platform === 'linux' ? '-glibc' : '';
  const platformPackage = `@deno/${process.platform}-${process.arch}${family}/package.json`;
  return join(dirname(createRequire(require.resolve('deno/package.json')).resolve(platformPackage)), 'deno');
}

/**
 * Arguments that run one function with what it needs and no more: the network, and the variables it is given.
 * Nothing is fetched: imports are the project's own files and installed packages.
 */
export function denoArguments(edgeFunction: EdgeFunction, variables: readonly string[]): string[] {
  return [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-lock',
    '--no-remote',
    // npm packages come from the clone's node_modules, so that nothing is fetched and versions are those of the lock file.
    '--node-modules-dir=manual',
    ...(edgeFunction.configPath === undefined ? [] : ['--config', edgeFunction.configPath]),
    '--preload',
    join(import.meta.dirname, 'edge-runtime-shim.js'),
    '--allow-net',
    `--allow-env=${variables.join(',')}`,
    edgeFunction.entry,
  ];
}
