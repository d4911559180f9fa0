import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sql } from 'postgres';
import { z } from 'zod';

export type Machine = { processor: string; cores: number; memoryGb: number; system: string };
export type Versions = Readonly<Record<string, string>>;

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
  };
}

export async function describeVersions(sql?: Sql): Promise<Versions> {
  const packages = ['pg-boss', 'graphile-worker', 'undici', 'postgres'];
  const entries = await Promise.all(
    packages.map(async (name) => [name, await packageVersion(name)] as const),
  );
  const [row] = sql ? await sql`select current_setting('server_version') as version` : [];
  return {
    node: process.versions.node,
    ...(row ? { postgresql: String(row['version']) } : {}),
    ...Object.fromEntries(entries),
  };
}

const manifest = z.object({ name: z.string().optional(), version: z.string().optional() });

/** Packages need not export their own package.json, so it is looked for above their entry. */
async function packageVersion(name: string): Promise<string> {
  const start =
    name === 'pg-boss'
      ? fileURLToPath(import.meta.resolve(name))
      : createRequire(import.meta.url).resolve(name);
  for (let folder = dirname(start); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
    const found = manifest.parse(JSON.parse(text));
    if (found.name === name && found.version !== undefined) return found.version;
  }
  return 'unknown';
}
