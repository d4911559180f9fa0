import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { createApiKeys } from './api-keys.ts';
import type { GatewayConfig } from './config.ts';
import { createDataApi } from './data-api.ts';
import { createDataRoute } from './data-route.ts';
import { createFunctionRoute } from './function-route.ts';
import { createJsonColumns } from './json-columns.ts';
import { createCatalogue } from './rpc/catalogue.ts';
import { createRpcRoute } from './rpc/route.ts';
import { forward, forwardUpgrade } from './proxy.ts';
import { sendWebResponse, toWebRequest } from './web-request.ts';

export type Gateway = { server: Server; close(): Promise<void> };

/** One address for everything a Supabase project offers: Auth, Data API, Storage, Functions, Realtime. */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const sql = postgres(config.databaseUrl, { max: 12, onnotice: () => {} });
  await databaseAnswers(sql);
  const apiKeys = createApiKeys(config);
  const dataApi = await createDataApi(config, apiKeys);
  const catalogue = createCatalogue(sql);
  const rpcRoute = createRpcRoute(sql, catalogue, apiKeys, config.jwtSecret);
  const jsonColumns = createJsonColumns(sql);
  const dataRoute = createDataRoute(config, dataApi, apiKeys, rpcRoute, jsonColumns, sql);
  const forgetSchema = (): void => {
    catalogue.forget();
    jsonColumns.forget();
    dataApi.forgetSchema().catch(console.error);
  };
  // PostgREST's convention: `notify pgrst, 'reload schema'` after a change to tables or functions. What happened
  // while the line was down is made up for when it is up again.
  await sql.listen('pgrst', forgetSchema, forgetSchema);
  const functionRoute = createFunctionRoute(config.functions, config.jwtSecret);

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const path = incoming.url ?? '/';
    if (path.startsWith('/functions/v1/')) return functionRoute(incoming, outgoing);
    if (path.startsWith('/realtime/v1/')) {
      return forward(incoming, outgoing, config.realtimeUrl, path, () => unavailable(outgoing, 'Realtime'));
    }
    if (/^\/(auth|rest|storage)\/v1(\/|\?|$)/.test(path)) {
      return sendWebResponse(await dataRoute(toWebRequest(incoming, config.publicUrl)), outgoing);
    }
    return sendWebResponse(
      Response.json({ message: 'no Route matched with those values' }, { status: 404 }),
      outgoing,
    );
  };

  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => failed(error, outgoing));
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (incoming.url?.startsWith('/realtime/v1/')) forwardUpgrade(incoming, socket, head, config.realtimeUrl);
    else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(config.port, config.host, settle);
  });
  return {
    server,
    async close() {
      server.close();
      server.closeAllConnections();
      await dataApi.close();
      await sql.end({ timeout: 1 });
    },
  };
}

/** A gateway restarted together with its database waits for it, rather than going down once more. */
async function databaseAnswers(sql: Sql): Promise<void> {
  const retryMs = 100;
  for (;;) {
    const answered = await sql`select 1`.then(
      () => true,
      () => false,
    );
    if (answered) return;
    await pause(retryMs);
  }
}

function unavailable(outgoing: ServerResponse, part: string): void {
  outgoing.writeHead(503, {
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'retry-after': '1',
  });
  outgoing.end(JSON.stringify({ message: `${part} is starting` }));
}

function failed(error: unknown, outgoing: ServerResponse): void {
  console.error(error);
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(500, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
  outgoing.end(JSON.stringify({ code: 500, message: 'Internal server error' }));
}
