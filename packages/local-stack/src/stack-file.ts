import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

export const accountSchema = z.object({
  email: z.string(),
  password: z.string(),
  role: z.enum(['owner', 'admin', 'agent']),
  organizationId: z.string(),
});

/** `.threadline/stack.json`: how everything else reaches a running stack. */
export const stackSchema = z.object({
  apiUrl: z.url(),
  publishableKey: z.string(),
  secretKey: z.string(),
  dbUrl: z.string(),
  webUrl: z.url(),
  carrierUrl: z.url(),
  functionsUrl: z.url(),
  workerUrl: z.url(),
  organization: z.object({ id: z.string(), phoneNumber: z.string() }),
  /** The first organization's sign-ins, then the second's. */
  accounts: z.array(accountSchema),
  /** Keys of the older kind, accepted like the two above. */
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  jwtSecret: z.string(),
  workerDatabaseUrl: z.string(),
  realtimeUrl: z.url(),
  home: z.string(),
});

export type Stack = z.infer<typeof stackSchema>;
export type StackAccount = z.infer<typeof accountSchema>;

export async function readStackFile(path: string): Promise<Stack | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : stackSchema.parse(JSON.parse(text));
}

/** Readers never see half a file: it appears whole, or not at all. */
export async function writeStackFile(path: string, stack: Stack): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(stack, null, 2) + '\n', { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeStackFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The throw-away stack of this run. */
    stack: Stack;
    /** An empty database with every migration, for pgTAP. */
    pgtapDatabaseUrl: string;
  }
}
