import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import postgres from 'postgres';
import { WebSocketServer } from 'ws';
import { Authorization } from './authorization.ts';
import type { RealtimeContext } from './context.ts';
import { deliverStoredRow } from './database-feed.ts';
import { checkHandshake } from './handshake.ts';
import { policyHeaders, refuseUpgrade, respond } from './http.ts';
import { hostedLimits, RateWindow } from './limits.ts';
import type { Limits } from './limits.ts';
import { errorName, silentLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { Registry } from './registry.ts';
import { ReplayStore } from './replay.ts';
import { ReplicationFeed } from './replication.ts';
import { handleApi } from './rest.ts';
import { startRetention } from './retention.ts';
import { closeCodes, Session } from './session.ts';
import { TokenVerifier } from './tokens.ts';
import type { KeyRing } from './tokens.ts';

export type RealtimeServerOptions = {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** A superuser, or a role that may replicate and assume anon, authenticated and service_role. */
  databaseUrl: string;
  keys: KeyRing;
  limits?: Partial<Limits>;
  privateOnly?: boolean;
  log?: Logger;
  now?: () => number;
  errorDelayMs?: number;
  idleTimeoutMs?: number;
  replicationReadyTimeoutMs?: number;
  retentionIntervalMs?: number;
};

export type RealtimeServer = {
  /** http://host:port */
  url: string;
  /** Resolves to false when broadcasts from the database do not flow within the time. */
  whenReplicating: (timeoutMs: number) => Promise<boolean>;
  /** Closes every socket with 1012 and lets go of the database. */
  stop: () => Promise<void>;
};

const databaseConnections = 6;
const hour = 3_600_000;

/** Starts the development Realtime server and resolves when it listens; the database may come later. */
export async function createRealtimeServer(options: RealtimeServerOptions): Promise<RealtimeServer> {
  const log = options.log ?? silentLogger;
  const sql = postgres(options.databaseUrl, {
    max: databaseConnections,
    connect_timeout: 5,
    // Seconds; the database of a development machine is back at once or not at all.
    backoff: () => 0.2,
    onnotice: () => undefined,
    connection: { application_name: 'realtime', statement_timeout: 10_000 },
  });
  const sessions = new Set<Session>();
  const stopping = new AbortController();
  const feed = new ReplicationFeed({
    databaseUrl: options.databaseUrl,
    sql,
    log,
    onMessage: (row, isPrivate) => deliverStoredRow(context, row, isPrivate),
    onReady: () => context.registry.tellReplicationReady(),
  });
  const context = createContext(options, sql, feed, stopping.signal);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: context.limits.frameBytes });
  const server = createServer((request, response) => void answerRequest(context, request, response));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    upgrade(context, sockets, { request, socket, head }, sessions).catch((error: unknown) => {
      log('error', 'upgrade_failed', { error: errorName(error) });
      refuseUpgrade(socket, 500, 'Internal server error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  feed.start();
  const stopRetention = startRetention(sql, log, options.retentionIntervalMs ?? hour);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    whenReplicating: (timeoutMs) => feed.whenReady(timeoutMs),
    stop: async () => {
      stopping.abort();
      stopRetention();
      await Promise.all([...sessions].map((session) => session.disconnect(closeCodes.restart, 'restarting')));
      server.close();
      server.closeIdleConnections();
      await feed.stop();
      await sql.end({ timeout: 1 });
      sockets.close();
    },
  };
}

function createContext(
  options: RealtimeServerOptions,
  sql: postgres.Sql,
  feed: ReplicationFeed,
  stopping: AbortSignal,
): RealtimeContext {
  const now = options.now ?? Date.now;
  return {
    limits: { ...hostedLimits, ...options.limits },
    log: options.log ?? silentLogger,
    now,
    verifier: new TokenVerifier(options.keys, now),
    authorization: new Authorization(sql),
    replay: new ReplayStore(sql),
    registry: new Registry(),
    rates: { messages: new RateWindow(now), joins: new RateWindow(now), presence: new RateWindow(now) },
    connected: new Set(),
    replication: { isReady: () => feed.isReady, whenReady: (timeoutMs) => feed.whenReady(timeoutMs) },
    privateOnly: options.privateOnly ?? false,
    errorDelayMs: options.errorDelayMs ?? 250,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    replicationReadyTimeoutMs: options.replicationReadyTimeoutMs ?? 15_000,
    isStopping: () => stopping.aborted,
  };
}

async function answerRequest(
  context: RealtimeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { pathname, searchParams } = parseTarget(request);
    const path = pathname.replace(/^\/realtime\/v1(?=\/|$)/, '');
    if (path.startsWith('/api/') && path !== '/api/health') {
      await handleApi(context, request, response, path.slice('/api'.length), searchParams);
    } else if (/^(\/api)?\/health\/?$/.test(path)) {
      respond(response, { status: 200, body: { status: 'ok', replicating: context.replication.isReady() } });
    } else if (isSocketPath(pathname)) {
      respond(response, { status: 426, body: { error: 'This address speaks WebSocket' } });
    } else {
      respond(response, { status: 404, body: { error: 'Not found' } });
    }
  } catch (error) {
    context.log('error', 'request_failed', { error: errorName(error) });
    if (!response.headersSent) respond(response, { status: 500, body: { message: 'Internal server error' } });
  }
}

async function upgrade(
  context: RealtimeContext,
  sockets: WebSocketServer,
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  sessions: Set<Session>,
): Promise<void> {
  const { pathname, searchParams } = parseTarget(request);
  if (!isSocketPath(pathname)) {
    refuseUpgrade(socket, 404, 'Not found');
    return;
  }
  const handshake = await checkHandshake(context, request, searchParams);
  if (!handshake.ok) {
    const { status, error } = handshake;
    context.log('warning', 'handshake_refused', { status });
    setTimeout(() => refuseUpgrade(socket, status, error), context.errorDelayMs);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    const { version, token } = handshake;
    const session = new Session(context, {
      socket: webSocket,
      version,
      token,
      headers: policyHeaders(request),
    });
    sessions.add(session);
    webSocket.on('close', () => sessions.delete(session));
  });
}

function parseTarget({ url }: IncomingMessage): URL {
  return URL.parse(`http://realtime${url ?? '/'}`) ?? new URL('http://realtime/');
}

/** Behind the gateway, and bare as the container serves it. */
function isSocketPath(pathname: string): boolean {
  return /^\/(realtime\/v1|socket)\/websocket\/?$/.test(pathname);
}
