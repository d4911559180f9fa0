import type { Sql } from 'postgres';
import type { ApiKeys } from './api-keys.ts';
import { assertAdmin } from './auth/admin-access.ts';
import { answerAdmin } from './auth/admin-route.ts';
import { translateAuthAnswer } from './auth/auth-answer.ts';
import { AuthProblem } from './auth/auth-problem.ts';
import { renameVerifyType } from './auth/verify-request.ts';
import { createUserStore } from './auth/user-store.ts';
import type { GatewayConfig } from './config.ts';
import { preflight, withCors } from './cors.ts';
import type { DataApi } from './data-api.ts';
import { refuseBrokenToken, wordForLite } from './rest-request.ts';
import type { RpcRoute } from './rpc/route.ts';
import { createStorageRoute } from './storage/route.ts';

export type DataRoute = (request: Request) => Promise<Response>;

/** Serves Auth, Data API and Storage: lite does the work, what it lacks or words differently is put right here. */
export function createDataRoute(
  config: GatewayConfig,
  dataApi: DataApi,
  apiKeys: ApiKeys,
  rpcRoute: RpcRoute,
  sql: Sql,
): DataRoute {
  const users = createUserStore(sql);
  const storageRoute = createStorageRoute(sql, (request) => dataApi.fetch(request));
  const issuer = { issuer: `${config.publicUrl}/auth/v1`, jwtSecret: config.jwtSecret };

  const answer = async (request: Request, path: string): Promise<Response> => {
    if (path.startsWith('/auth/v1/admin/') || path === '/auth/v1/invite') {
      await assertAdmin(request, apiKeys, config.jwtSecret);
      return answerAdmin(request, users, config);
    }
    if (path.startsWith('/storage/v1/')) {
      return storageRoute(request);
    }
    if (path.startsWith('/rest/v1/')) {
      return refuseBrokenToken(request) ?? answerRest(request);
    }
    const asked = path === '/auth/v1/verify' ? await renameVerifyType(request) : request;
    return translateAuthAnswer(request, await dataApi.fetch(asked), issuer, users);
  };

  const answerRest = async (request: Request): Promise<Response> => {
    if (rpcRoute.matches(request)) return answerRpc(request);
    return dataApi.fetch(await wordForLite(request));
  };

  /** The body can be read once only, so what lite shall answer after all is put together again. */
  const answerRpc = async (request: Request): Promise<Response> => {
    const body = await request.text();
    const answered = await rpcRoute.answer(request, body);
    return (
      answered ?? dataApi.fetch(new Request(request.url, { method: 'POST', headers: request.headers, body }))
    );
  };

  return async (request) => {
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) {
      return preflight(request);
    }
    try {
      return withCors(await answer(request, new URL(request.url).pathname));
    } catch (error) {
      if (error instanceof AuthProblem) return withCors(error.toResponse());
      throw error;
    }
  };
}
