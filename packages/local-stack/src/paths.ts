import { join, resolve } from 'node:path';

/** The clone's top folder: absolute. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

export const supabaseFolder = join(repositoryRoot, 'supabase');
export const migrationsFolder = join(supabaseFolder, 'migrations');
export const functionsFolder = join(supabaseFolder, 'functions');

/** Every path inside one stack's home. */
export function homePaths(home: string) {
  return {
    home,
    keys: join(home, 'keys.json'),
    lock: join(home, 'lock.json'),
    stack: join(home, 'stack.json'),
    logs: join(home, 'logs'),
    cache: join(home, 'cache'),
    storage: join(home, 'storage'),
    postgres: join(home, 'postgres'),
  };
}

export type HomePaths = ReturnType<typeof homePaths>;
