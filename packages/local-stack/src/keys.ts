import { generateKeyPairSync, randomBytes } from 'node:crypto';
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
  /** The simulated Twilio's. */
  carrierAuthToken: z.string().min(32),
  /** The simulated Telnyx's: the key for its API, and the Ed25519 pair that signs and checks webhooks, 32 bytes in base64 each. */
  telnyxApiKey: z.string().startsWith('KEY'),
  telnyxPrivateKey: z.string().length(44),
  telnyxPublicKey: z.string().length(44),
});

/** Secrets of one stack, made once per home. */
export type StackKeys = z.infer<typeof keysSchema>;

/** Reads the home's keys, making them first when there are none. */
export async function loadKeys(home: string): Promise<StackKeys> {
  const path = homePaths(home).keys;
  const stored = await readFile(path, 'utf8').catch(() => undefined);
  const known = stored === undefined ? null : keysSchema.partial().parse(JSON.parse(stored));
  const complete = keysSchema.safeParse(known);
  if (complete.success) return complete.data;
  // A home that is older than some key gets that one, and keeps the others.
  const keys = keysSchema.parse({ ...(await makeKeys()), ...known });
  await writeFile(`${path}.new`, JSON.stringify(keys, null, 2) + '\n', { mode: 0o600 });
  await rename(`${path}.new`, path);
  return keys;
}

async function makeKeys(): Promise<StackKeys> {
  const jwtSecret = randomBytes(48).toString('base64url');
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return {
    publishableKey: `sb_publishable_${randomBytes(24).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    jwtSecret,
    anonKey: await roleToken('anon', jwtSecret),
    serviceRoleKey: await roleToken('service_role', jwtSecret),
    databasePassword: randomBytes(18).toString('base64url'),
    workerPassword: randomBytes(18).toString('base64url'),
    carrierAuthToken: randomBytes(16).toString('hex'),
    telnyxApiKey: `KEY${randomBytes(16).toString('hex')}`,
    telnyxPrivateKey: Buffer.from(d ?? '', 'base64url').toString('base64'),
    telnyxPublicKey: Buffer.from(x ?? '', 'base64url').toString('base64'),
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
