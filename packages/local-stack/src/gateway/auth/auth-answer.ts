import { decodeJwt } from 'jose';
import { z } from 'zod';
import { enrich, type SignInMethod, type TokenIssuer } from './access-token.ts';
import { AuthProblem } from './auth-problem.ts';
import type { UserRow } from './user-row.ts';
import type { UserStore } from './user-store.ts';

const sessionSchema = z.looseObject({
  access_token: z.string(),
  user: z.looseObject({ id: z.string() }),
});
const userSchema = z.looseObject({ id: z.string(), is_anonymous: z.boolean() });

/** Completes answers of Auth: tokens, by how somebody proved who they are, and what lite does not know of users. */
export async function translateAuthAnswer(
  request: Request,
  response: Response,
  issuer: TokenIssuer,
  users: UserStore,
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/auth\/v1/, '');
  if (request.method === 'GET' && path === '/verify') return enrichRedirect(response, issuer, users);
  if (path === '/user') return completeUser(response, users);
  if (request.method !== 'POST') return response;
  if (path === '/signup') return enrichSessionAnswer(response, 'password', issuer, users);
  if (path === '/verify') return enrichSessionAnswer(response, 'otp', issuer, users);
  if (path !== '/token') return response;
  const isRefresh = url.searchParams.get('grant_type') === 'refresh_token';
  return enrichSessionAnswer(response, isRefresh ? 'token_refresh' : 'password', issuer, users);
}

/** Answers without a session pass unchanged. */
async function enrichSessionAnswer(
  response: Response,
  method: SignInMethod,
  issuer: TokenIssuer,
  users: UserStore,
): Promise<Response> {
  if (!isJson(response)) return response;
  const body: unknown = await response.json();
  const session = sessionSchema.safeParse(body).data;
  if (!session) return sameAnswer(response, body);
  const user = await users.find(session.user.id);
  await refuseBanned(user, session.access_token, users);
  return sameAnswer(response, {
    ...session,
    access_token: await enrich(session.access_token, user, method, issuer),
    user: { ...session.user, is_anonymous: user.is_anonymous },
  });
}

/** lite lets banned people in: the session that it opened is closed again. @throws AuthProblem */
async function refuseBanned(user: UserRow, token: string, users: UserStore): Promise<void> {
  if (user.banned_until === null || user.banned_until.getTime() <= Date.now()) return;
  const session = decodeJwt(token)['session_id'];
  if (typeof session === 'string') await users.endSession(session);
  throw new AuthProblem(400, 'user_banned', 'User is banned');
}

/** To lite nobody is anonymous. */
async function completeUser(response: Response, users: UserStore): Promise<Response> {
  if (!isJson(response)) return response;
  const body: unknown = await response.json();
  const known = userSchema.safeParse(body).data;
  if (!known) return sameAnswer(response, body);
  const { is_anonymous } = await users.find(known.id);
  return sameAnswer(response, { ...known, is_anonymous });
}

/** A link from a mail leads on to the app, with the session behind the `#`. */
async function enrichRedirect(response: Response, issuer: TokenIssuer, users: UserStore): Promise<Response> {
  const location = response.headers.get('location') ?? '';
  const [address = '', fragment = ''] = location.split('#');
  const parameters = new URLSearchParams(fragment);
  const token = parameters.get('access_token');
  const subject = token === null ? undefined : decodeJwt(token).sub;
  if (token === null || subject === undefined) return response;
  const user = await users.find(subject);
  await refuseBanned(user, token, users);
  parameters.set('access_token', await enrich(token, user, 'otp', issuer));
  const headers = new Headers(response.headers);
  headers.set('location', `${address}#${parameters.toString()}`);
  return new Response(null, { status: response.status, headers });
}

function isJson(response: Response): boolean {
  return response.ok && (response.headers.get('content-type')?.includes('json') ?? false);
}

function sameAnswer(response: Response, body: unknown): Response {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(JSON.stringify(body), { status: response.status, headers });
}
