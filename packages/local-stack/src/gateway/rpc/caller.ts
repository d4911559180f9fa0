import { jwtVerify, type JWTPayload } from 'jose';
import type { ApiKeys } from '../api-keys.ts';

/** On whose behalf a function is called. */
export type Caller = { role: string; claims: JWTPayload };

/**
 * Finds out who calls, from the API key and the token.
 * @returns undefined when either is missing or wrong: lite then words the refusal
 */
export async function findCaller(
  request: Request,
  apiKeys: ApiKeys,
  secret: Uint8Array,
): Promise<Caller | undefined> {
  const key = request.headers.get('apikey');
  const known = key === null ? null : await apiKeys.resolve(key);
  if (!known) return undefined;
  if (known.type === 'secret' && /^\s*Mozilla\/5\.0/i.test(request.headers.get('user-agent') ?? ''))
    return undefined;
  const header = request.headers.get('authorization');
  const bearer = /^Bearer (.+)$/.exec(header ?? '')?.[1];
  if (header === null || bearer === key) {
    return { role: known.claims.role, claims: known.claims };
  }
  if (bearer === undefined) return undefined;
  return jwtVerify(bearer, secret, { algorithms: ['HS256'] }).then(
    ({ payload }) => {
      const role = payload['role'];
      return typeof role === 'string' ? { role, claims: payload } : undefined;
    },
    () => undefined,
  );
}
