import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { homePaths } from './paths.ts';

const keysSchema = z.object({
  publishableKey: z.string().startsWith('sb_publishable_'),
  secretKey: z.string().startsWith('sb_secret_'),
  /** HS256 secret of every user token. */
  jwtSecret: z.string().min(32),
  /** Keys of the older kind: HS256 tokens whose only news is the role. */
  anonKey: z.string(),
  serviceRoleKey: z.string(),
  databasePassword: z.string().min(16),
  workerPassword: z.string().min(16),
  carrierAuthToken: z.string().min(32),
});

/** Secrets of one stack, made once per home. */
export type StackKeys = z.infer<typeof keysSchema>;

/** Reads the home's keys, making them first when there are none. */
export async function loadKeys(home: string): Promise<StackKeys> {
  const path = homePaths(home).keys;
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  if (stored !== undefined) return keysSchema.parse(JSON.parse(stored));
  const keys = await makeKeys();
  await writeFile(`${path}.new`, JSON.stringify(keys, null, 2) + '\n', { mode: 0o600 });
  await rename(`${path}.new`, path);
  return keys;
}

async function makeKeys(): Promise<StackKeys> {
  const jwtSecret = randomBytes(48).toString('base64url');
  return {
    publishableKey: `sb_publishable_${randomBytes(24).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    jwtSecret,
    anonKey: await roleToken('anon', jwtSecret),
    serviceRoleKey: await roleToken('service_role', jwtSecret),
    databasePassword: randomBytes(18).toString('base64url'),
    workerPassword: randomBytes(18).toString('base64url'),
    carrierAuthToken: randomBytes(16).toString('hex'),
  };
}

/** The shape the hosted platform gave its legacy keys: ten years, issuer `supabase`. */
function roleToken(role: 'anon' | 'service_role', jwtSecret: string): Promise<string> {
  return new SignJWT({ role, ref: 'local' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('supabase')
    .setIssuedAt()
    .setExpirationTime('10y')
    .sign(new TextEncoder().encode(jwtSecret));
}
