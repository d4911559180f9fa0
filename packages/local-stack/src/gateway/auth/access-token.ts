import { decodeJwt, SignJWT } from 'jose';
import type { UserRow } from './user-row.ts';

export type TokenIssuer = { issuer: string; jwtSecret: string };

/** How somebody proved who they are, as a token's `amr` names it. */
export type SignInMethod = 'password' | 'otp' | 'token_refresh' | 'anonymous';

/**
 * Gives an access token that lite issued the claims a hosted project's have (Supabase guide "JWT fields"), by signing
 * it anew with everything known about its user.
 */
export function enrich(
  token: string,
  user: UserRow,
  method: SignInMethod,
  { issuer, jwtSecret }: TokenIssuer,
): Promise<string> {
  const claims = decodeJwt(token);
  return new SignJWT({
    iss: issuer,
    ...claims,
    email: user.email ?? '',
    phone: user.phone ?? '',
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    aal: 'aal1',
    amr: [{ method, timestamp: claims.iat }],
    is_anonymous: user.is_anonymous,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(jwtSecret));
}
