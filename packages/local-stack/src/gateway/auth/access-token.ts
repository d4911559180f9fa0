import { decodeJwt, SignJWT } from 'jose';
import { z } from 'zod';

export const userSchema = z.looseObject({
  phone: z.string().nullish(),
  app_metadata: z.record(z.string(), z.unknown()).default({}),
  user_metadata: z.record(z.string(), z.unknown()).default({}),
  is_anonymous: z.boolean().default(false),
});
const sessionSchema = z.looseObject({ access_token: z.string(), user: userSchema });

export type TokenIssuer = { issuer: string; jwtSecret: string };

/**
 * Gives the access tokens that lite issues the claims a hosted project's have (Supabase guide "JWT fields"),
 * by signing them anew. Answers without a session pass unchanged.
 */
export async function enrichSessionAnswer(
  response: Response,
  method: 'password' | 'otp' | 'token_refresh',
  { issuer, jwtSecret }: TokenIssuer,
): Promise<Response> {
  if (!response.ok || !response.headers.get('content-type')?.includes('json')) return response;
  const body: unknown = await response.json();
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const session = sessionSchema.safeParse(body);
  if (!session.success) return new Response(JSON.stringify(body), { status: response.status, headers });
  const token = await enrich(session.data.access_token, session.data.user, method, { issuer, jwtSecret });
  return new Response(JSON.stringify({ ...session.data, access_token: token }), {
    status: response.status,
    headers,
  });
}

/** Signs one token anew with everything known about its user. */
export function enrich(
  token: string,
  user: z.infer<typeof userSchema>,
  method: string,
  { issuer, jwtSecret }: TokenIssuer,
): Promise<string> {
  const claims = decodeJwt(token);
  return new SignJWT({
    iss: issuer,
    ...claims,
    phone: user.phone ?? '',
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    aal: 'aal1',
    amr: [{ method, timestamp: claims.iat }],
    is_anonymous: user.is_anonymous,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(jwtSecret));
}
