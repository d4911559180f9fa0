import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
/** Headers that belong to one connection only (RFC 9110 §7.6.1). */
const connectionHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
];

export type Unreachable = { kind: 'refused' | 'broken' };

/**
 * Passes a request on, body and all, and streams the answer back.
 * @param path what the other side shall see
 * @param onFailure answers when the other side cannot be reached, or breaks off before answering
 */
export async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  path: string,
  onFailure: (failure: Unreachable) => void,
): Promise<void> {
  const { hostname, port } = new URL(target);
  const upstream = httpRequest({
    hostname,
    port,
    path,
    method: incoming.method,
    headers: forwardedHeaders(incoming),
    agent,
  });
  const answered = new Promise<IncomingMessage>((settle, fail) => {
    upstream.once('response', settle);
    upstream.once('error', fail);
  });
  outgoing.once('close', () => upstream.destroy());
  incoming.pipe(upstream);
  let answer: IncomingMessage;
  try {
    answer = await answered;
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    if (!outgoing.destroyed) onFailure({ kind: refused ? 'refused' : 'broken' });
    return;
  }
  outgoing.writeHead(answer.statusCode ?? 502, withoutConnectionHeaders(answer.headers));
  await pipeline(answer, outgoing).catch(() => outgoing.destroy());
}

/** Joins a WebSocket's two sockets, replaying the handshake to the other side. */
export function forwardUpgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: string,
): void {
  const { hostname, port } = new URL(target);
  const upstream = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
    const lines = [`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    }
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  let connected = false;
  upstream.once('connect', () => (connected = true));
  upstream.on('error', () => {
    if (!connected)
      socket.write('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n');
    socket.destroy();
  });
  socket.on('error', () => upstream.destroy());
  socket.on('close', () => upstream.destroy());
  upstream.on('close', () => socket.destroy());
}

function forwardedHeaders(incoming: IncomingMessage): Record<string, string | string[]> {
  return {
    ...withoutConnectionHeaders(incoming.headers),
    'x-forwarded-host': incoming.headers.host ?? '',
    'x-forwarded-proto': 'http',
    'x-forwarded-for': incoming.socket.remoteAddress ?? '',
  };
}

function withoutConnectionHeaders(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || connectionHeaders.includes(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}
