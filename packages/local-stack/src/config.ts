import { join, resolve } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from './paths.ts';
import { StackError } from './stack-error.ts';

const environmentSchema = z.object({
  THREADLINE_HOME: z.string().min(1).optional(),
  THREADLINE_PORT_BASE: z.coerce.number().int().min(1024).max(65_000).default(4300),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SUPABASE_DB_URL: z.string().optional(),
  npm_lifecycle_event: z.string().optional(),
});

/** What each variable is for, said when it is wrong. */
const explanations: Readonly<Record<string, string>> = {
  THREADLINE_PORT_BASE: 'the first of the ports this stack takes, 1024 to 65000; 4300 when it is not set',
  LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent',
};

/** Where one embedded stack lives and which ports it takes. */
export type StackConfig = {
  /** Absolute folder that holds everything the stack keeps between runs. */
  home: string;
  portBase: number;
  logLevel: string;
  /** npm or pnpm runs us as a script. */
  launchedByNpm: boolean;
  /** A database elsewhere, for the `db` commands only. */
  databaseUrl: string | undefined;
};

/**
 * Reads the stack's settings from the environment. An empty variable counts as absent.
 * @throws StackError naming every variable that is wrong
 */
export function readStackConfig(environment: NodeJS.ProcessEnv = process.env): StackConfig {
  const reading = environmentSchema.safeParse(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')),
  );
  if (!reading.success) {
    const names = [...new Set(reading.error.issues.map(({ path }) => String(path[0])))];
    throw new StackError(
      'Threadline cannot start with this environment.',
      names.map((name) => `${name} is wrong. It must be: ${explanations[name] ?? 'something else'}.`),
    );
  }
  const parsed = reading.data;
  return {
    home: resolve(parsed.THREADLINE_HOME ?? join(repositoryRoot, '.threadline')),
    portBase: parsed.THREADLINE_PORT_BASE,
    logLevel: parsed.LOG_LEVEL,
    launchedByNpm: parsed.npm_lifecycle_event !== undefined,
    databaseUrl: parsed.SUPABASE_DB_URL,
  };
}

/** What every child may inherit: enough to find programs and temp folders, none of the caller's secrets. */
export function inheritedEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'USER', 'SYSTEMROOT', 'DENO_DIR', 'CI'];
  const entries = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
