import type { ApiKeys } from '../api-keys.ts';
import { AuthProblem } from './auth-problem.ts';
import { decodeProtectedHeader, jwtVerify } from 'jose';

/**
 * Lets only service_role reach the admin routes: by a secret key, or by a token of that role.
 * @throws AuthProblem as the hosted Auth service refuses
 */
export async function assertAdmin(request: Request, apiKeys: ApiKeys, jwtSecret: string): Promise<void> {
  const key = request.headers.get('apikey') ?? new URL(request.url).searchParams.get('apikey');
  const known = key === null ? null : await apiKeys.resolve(key);
  if (!known)
    throw new AuthProblem(
      401,
      'no_authorization',
      key === null ? 'No API key found in request' : 'Invalid API key',
    );
  if (known.type === 'secret' && isBrowser(request)) {
    throw new AuthProblem(401, 'no_authorization', 'Forbidden use of secret API key in browser');
  }
  const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  const speaksForItself = bearer !== undefined && bearer !== key && !bearer.startsWith('sb_');
  const role = speaksForItself ? await roleOf(bearer, jwtSecret) : known.claims.role;
  if (role !== 'service_role') throw new AuthProblem(403, 'not_admin', 'User not allowed');
}

/** Browsers all begin so; a secret key in one is a leak (Supabase guide "API keys"). */
function isBrowser(request: Request): boolean {
  return /^\s*Mozilla\/5\.0/i.test(request.headers.get('user-agent') ?? '');
}

async function roleOf(token: string, jwtSecret: string): Promise<unknown> {
  try {
    decodeProtectedHeader(token);
    const { payload } = await jwtVerify(token, new TextEncoder().encode(jwtSecret), {
      algorithms: ['HS256'],
    });
    return payload['role'];
  } catch {
    throw new AuthProblem(403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature');
  }
}
