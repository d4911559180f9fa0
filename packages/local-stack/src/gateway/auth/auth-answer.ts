import { decodeJwt } from 'jose';
import { enrich, enrichSessionAnswer, userSchema, type TokenIssuer } from './access-token.ts';
import { toUser } from './user-row.ts';
import type { UserStore } from './user-store.ts';

/** Completes the tokens in those answers of Auth that may hold a session, by how the person proved who they are. */
export async function translateAuthAnswer(
  request: Request,
  response: Response,
  issuer: TokenIssuer,
  users: UserStore,
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/auth\/v1/, '');
  if (request.method === 'GET' && path === '/verify') return enrichRedirect(response, issuer, users);
  if (request.method !== 'POST') return response;
  if (path === '/signup') return enrichSessionAnswer(response, 'password', issuer);
  if (path === '/verify') return enrichSessionAnswer(response, 'otp', issuer);
  if (path !== '/token') return response;
  const refresh = url.searchParams.get('grant_type') === 'refresh_token';
  return enrichSessionAnswer(response, refresh ? 'token_refresh' : 'password', issuer);
}

/** A link from a mail leads on to the app, with the session behind the `#`. */
async function enrichRedirect(response: Response, issuer: TokenIssuer, users: UserStore): Promise<Response> {
  const location = response.headers.get('location') ?? '';
  const [address = '', fragment = ''] = location.split('#');
  const parameters = new URLSearchParams(fragment);
  const token = parameters.get('access_token');
  const subject = token === null ? undefined : decodeJwt(token).sub;
  if (token === null || subject === undefined) return response;
  const user = userSchema.parse(toUser(await users.find(subject)));
  parameters.set('access_token', await enrich(token, user, 'otp', issuer));
  const headers = new Headers(response.headers);
  headers.set('location', `${address}#${parameters.toString()}`);
  return new Response(null, { status: response.status, headers });
}
