import { join } from 'node:path';
import type { Sql } from 'postgres';
import type { ApiKeys } from './api-keys.ts';
import { createAuthRoute } from './auth/route.ts';
import { createColumnDefaults } from './column-defaults.ts';
import type { GatewayConfig } from './config.ts';
import { preflight, withCors } from './cors.ts';
import type { DataApi } from './data-api.ts';
import type { JsonColumns } from './json-columns.ts';
import { refuseBrokenToken, wordForLite } from './rest-request.ts';
import { findCaller } from './rpc/caller.ts';
import type { RpcRoute } from './rpc/route.ts';
import { createStorageRoute } from './storage/route.ts';

export type DataRoute = (request: Request) => Promise<Response>;

/** Serves Auth, Data API and Storage: lite does the work, what it lacks or words differently is put right here. */
export function createDataRoute(
  config: GatewayConfig,
  dataApi: DataApi,
  apiKeys: ApiKeys,
  rpcRoute: RpcRoute,
  jsonColumns: JsonColumns,
  sql: Sql,
): DataRoute {
  const ask = (request: Request): Promise<Response> => dataApi.fetch(request);
  const authRoute = createAuthRoute(config, apiKeys, sql, ask);
  const secret = new TextEncoder().encode(config.jwtSecret);
  const storageRoute = createStorageRoute(sql, ask, {
    folder: join(config.storageFolder, 'uploads'),
    findCaller: (request) => findCaller(withSomeKey(request, config.publishableKey), apiKeys, secret),
  });
  const withDefaults = createColumnDefaults(sql, apiKeys, config.jwtSecret);

  const answer = async (request: Request, path: string): Promise<Response> => {
    if (path.startsWith('/auth/v1/')) return authRoute(request);
    if (path.startsWith('/storage/v1/')) return storageRoute(request);
    return refuseBrokenToken(request) ?? answerRest(request);
  };

  const answerRest = async (request: Request): Promise<Response> => {
    if (rpcRoute.matches(request)) return answerRpc(request);
    return dataApi.fetch(await jsonColumns.protect(await wordForLite(await withDefaults(request))));
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

/** To Storage a token is enough, as on hosted. */
function withSomeKey(request: Request, key: string): Request {
  if (request.headers.has('apikey') || !request.headers.has('authorization')) return request;
  const headers = new Headers(request.headers);
  headers.set('apikey', key);
  return new Request(request.url, { headers });
}
