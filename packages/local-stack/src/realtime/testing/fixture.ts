import { SignJWT } from 'jose';
import { createRealtimeServer } from '../server.ts';
import type { RealtimeServer, RealtimeServerOptions } from '../server.ts';
import { onFreePort, startDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';
import { WireClient } from './wire.ts';

export const keys = {
  publishableKey: 'sb_publishable_test',
  secretKey: 'sb_secret_test',
  jwtSecret: 'a-test-secret-of-at-least-32-characters',
};

export type Fixture = {
  database: TestDatabase;
  server: RealtimeServer;
  /** Another server on the same database, with its own limits. Stopped with the fixture. */
  serve: (options: Partial<RealtimeServerOptions>) => Promise<RealtimeServer>;
  /** A raw client, by default of the fixture's server with the publishable key and version 2.0.0. */
  connect: (options?: ConnectOptions) => Promise<WireClient>;
  stop: () => Promise<void>;
};

export type ConnectOptions = {
  server?: RealtimeServer;
  key?: string;
  version?: string;
  headers?: Record<string, string>;
  path?: string;
};

/** One Postgres, one Realtime server, and everything needed to talk to them. */
export async function startFixture(options: Partial<RealtimeServerOptions> = {}): Promise<Fixture> {
  const database = await startDatabase();
  const servers: RealtimeServer[] = [];
  const clients: WireClient[] = [];
  const serve: Fixture['serve'] = async (more) => {
    const server = await onFreePort((port) =>
      createRealtimeServer({
        host: '127.0.0.1',
        port,
        databaseUrl: database.url,
        keys,
        errorDelayMs: 20,
        ...more,
      }),
    );
    servers.push(server);
    return server;
  };
  const server = await serve(options);
  await server.whenReplicating(10_000);
  return {
    database,
    server,
    serve,
    connect: async (connect = {}) => {
      const client = new WireClient(
        socketUrl(connect.server ?? server, connect),
        connect.version ?? '2.0.0',
        connect.headers,
      );
      clients.push(client);
      return client.open();
    },
    stop: async () => {
      for (const client of clients) client.close();
      await Promise.all(servers.map((each) => each.stop()));
      await database.remove();
    },
  };
}

export function socketUrl(server: RealtimeServer, { key, version, path }: ConnectOptions): string {
  const query = new URLSearchParams({ vsn: version ?? '2.0.0', apikey: key ?? keys.publishableKey });
  return `${server.url.replace('http', 'ws')}${path ?? '/realtime/v1/websocket'}?${query.toString()}`;
}

/** A user token; `exp` defaults to an hour from now. */
export async function token(claims: Record<string, unknown>, secret = keys.jwtSecret): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return new SignJWT({ role: 'authenticated', exp, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}

/**
 * Policies driven by claims: a token lists what it may do, e.g. `{ may: ['read:broadcast', 'write:presence'] }`,
 * for any topic that starts with `room:`.
 */
export const claimPolicies = `
  create policy by_claim_read on realtime.messages for select to authenticated using (
    (select realtime.topic()) like 'room:%'
    and (current_setting('request.jwt.claims', true)::jsonb -> 'may') ? ('read:' || extension));
  create policy by_claim_write on realtime.messages for insert to authenticated with check (
    (select realtime.topic()) like 'room:%'
    and (current_setting('request.jwt.claims', true)::jsonb -> 'may') ? ('write:' || extension));`;

export const everything = ['read:broadcast', 'write:broadcast', 'read:presence', 'write:presence'];
