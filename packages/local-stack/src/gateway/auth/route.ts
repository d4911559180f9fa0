import type { Sql } from 'postgres';
import type { ApiKeys } from '../api-keys.ts';
import type { GatewayConfig } from '../config.ts';
import { assertAdmin } from './admin-access.ts';
import { answerAdmin } from './admin-route.ts';
import { createAnonymousUsers, withBody, type Ask } from './anonymous.ts';
import { translateAuthAnswer } from './auth-answer.ts';
import { AuthProblem } from './auth-problem.ts';
import { readJson } from './read-json.ts';
import { refuseUnavailable } from './unavailable.ts';
import { createUserStore } from './user-store.ts';
import { renameVerifyType } from './verify-request.ts';

/** Paths whose bodies are looked into before lite gets them. */
const readPaths = ['/signup', '/otp', '/token', '/factors', '/user'];

/** Serves Auth through lite, with what it lacks or words differently put right. */
export function createAuthRoute(config: GatewayConfig, apiKeys: ApiKeys, sql: Sql, ask: Ask): Ask {
  const users = createUserStore(sql);
  const issuer = { issuer: `${config.publicUrl}/auth/v1`, jwtSecret: config.jwtSecret };
  const anonymous = createAnonymousUsers(sql, users, issuer, ask);

  const answerWithBody = async (request: Request, path: string): Promise<Response> => {
    const body = await readJson(request);
    refuseUnavailable(request.method, path, body);
    const nameless = path === '/signup' ? await anonymous.signUp(request, body) : undefined;
    if (nameless) return nameless;
    const anonymousId = path === '/user' ? await anonymous.of(request) : undefined;
    const answer =
      anonymousId === undefined
        ? await ask(withBody(request, body))
        : await anonymous.update(request, anonymousId, body);
    return translateAuthAnswer(request, answer, issuer, users);
  };

  const answer = async (request: Request, path: string): Promise<Response> => {
    if (path.startsWith('/admin/') || path === '/invite') {
      await assertAdmin(request, apiKeys, config.jwtSecret);
      return answerAdmin(request, users, config);
    }
    if (['POST', 'PUT'].includes(request.method) && readPaths.includes(path))
      return answerWithBody(request, path);
    const asked = path === '/verify' ? await renameVerifyType(request) : request;
    return translateAuthAnswer(request, await ask(asked), issuer, users);
  };

  return async (request) => {
    try {
      return await answer(request, new URL(request.url).pathname.replace(/^\/auth\/v1/, ''));
    } catch (error) {
      if (error instanceof AuthProblem) return error.toResponse();
      throw error;
    }
  };
}
