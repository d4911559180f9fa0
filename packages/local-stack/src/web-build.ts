import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, glob, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inheritedEnvironment } from './config.ts';
import { repositoryRoot } from './paths.ts';
import type { ChildHost } from './supervisor/child-host.ts';

export const webFolder = join(repositoryRoot, 'web');
/** Beside the app's node_modules, so that a finished build still finds its packages. */
const buildsFolder = join(webFolder, 'node_modules/.cache/threadline-builds');
const keptBuilds = 3;

/** Path of Vite's own command, to be run with this Node. */
export function viteProgram(): string {
  const manifest = createRequire(join(webFolder, 'package.json')).resolve('vite/package.json');
  return join(dirname(manifest), 'bin/vite.js');
}

export function hasWebApp(): boolean {
  return existsSync(join(webFolder, 'vite.config.ts'));
}

/** Whether the app of these very sources is built already; its folder either way. */
export async function findWebBuild(): Promise<{ folder: string; built: boolean }> {
  const folder = join(buildsFolder, await hashSources());
  return { folder, built: existsSync(join(folder, 'index.js')) };
}

/**
 * Builds the web app for production, once per state of its sources.
 * @throws StackError with the end of the build's output
 */
export async function buildWeb(folder: string, host: ChildHost): Promise<void> {
  await mkdir(buildsFolder, { recursive: true });
  const release = await takeBuildLock();
  try {
    if (existsSync(join(folder, 'index.js'))) return;
    await host.run(
      {
        name: 'web-build',
        command: process.execPath,
        args: [viteProgram(), 'build', '--logLevel', 'warn'],
        cwd: webFolder,
        env: { ...inheritedEnvironment(), NODE_ENV: 'production' },
      },
      'The web app could not be built.',
    );
    await rm(`${folder}.new`, { recursive: true, force: true });
    await cp(join(webFolder, 'build'), `${folder}.new`, { recursive: true });
    await rename(`${folder}.new`, folder);
    await dropOldBuilds();
  } finally {
    await release();
  }
}

async function hashSources(): Promise<string> {
  const patterns = ['web/**/*', 'packages/{database,messaging}/src/**/*', 'pnpm-lock.yaml'];
  const ignored = /(^|\/)(node_modules|\.svelte-kit|build|tests|test-results)(\/|$)|\.test\.ts$/;
  const hash = createHash('sha256');
  const paths: string[] = [];
  for await (const path of glob(patterns, { cwd: repositoryRoot, exclude: (name) => ignored.test(name) })) {
    if (!ignored.test(path)) paths.push(path);
  }
  for (const path of paths.sort()) {
    const absolute = join(repositoryRoot, path);
    if (!(await stat(absolute)).isFile()) continue;
    hash.update(`${path}\0`).update(await readFile(absolute));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Two stacks of one clone may start at once, but Vite builds into one folder. */
async function takeBuildLock(): Promise<() => Promise<void>> {
  const lock = join(buildsFolder, 'lock');
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
    } catch {
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await pause(250);
      continue;
    }
    const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => {}), 1_000);
    beat.unref();
    return async () => {
      clearInterval(beat);
      await rm(lock, { force: true });
    };
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const touched = (await stat(lock).catch(() => undefined))?.mtimeMs;
  return touched === undefined || Date.now() - touched > 10_000;
}

async function dropOldBuilds(): Promise<void> {
  const names = (await readdir(buildsFolder)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, made: (await stat(join(buildsFolder, name))).mtimeMs })),
  );
  const old = aged.sort((a, b) => b.made - a.made).slice(keptBuilds);
  await Promise.all(old.map(({ name }) => rm(join(buildsFolder, name), { recursive: true, force: true })));
}
