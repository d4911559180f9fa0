import { enrichSessionAnswer, type TokenIssuer } from './access-token.ts';

/** Auth routes that may answer with a session, by how the person proved who they are. */
export async function translateAuthAnswer(
  request: Request,
  response: Response,
  issuer: TokenIssuer,
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/auth\/v1/, '');
  if (request.method !== 'POST') return response;
  if (path === '/signup') return enrichSessionAnswer(response, 'password', issuer);
  if (path === '/verify') return enrichSessionAnswer(response, 'otp', issuer);
  if (path !== '/token') return response;
  const refresh = url.searchParams.get('grant_type') === 'refresh_token';
  return enrichSessionAnswer(response, refresh ? 'token_refresh' : 'password', issuer);
}
