import type { Sql } from 'postgres';
import type { ApiKeys } from './api-keys.ts';
import { createAuthRoute } from './auth/route.ts';
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
  const ask = (request: Request): Promise<Response> => dataApi.fetch(request);
  const authRoute = createAuthRoute(config, apiKeys, sql, ask);
  const storageRoute = createStorageRoute(sql, ask);

  const answer = async (request: Request, path: string): Promise<Response> => {
    if (path.startsWith('/auth/v1/')) return authRoute(request);
    if (path.startsWith('/storage/v1/')) return storageRoute(request);
    return refuseBrokenToken(request) ?? answerRest(request);
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
    return withCors(await answer(request, new URL(request.url).pathname));
  };
}
