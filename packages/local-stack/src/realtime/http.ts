import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type Answer = { status: number; body?: object };

const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'authorization, x-client-info, apikey, content-type, x-api-key, accept, prefer, x-request-id',
  'access-control-max-age': '86400',
};

/** Answers any origin: access is decided by keys and tokens, never by cookies. */
export function respond(response: ServerResponse, { status, body }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  const asked = response.req.headers['access-control-request-headers'];
  const allowed = asked === undefined ? {} : { 'access-control-allow-headers': asked };
  response.writeHead(status, { ...corsHeaders, ...allowed, ...type }).end(text);
}

/** Refuses an upgrade the way an HTTP request is refused. */
export function refuseUpgrade(socket: Duplex, status: number, error: string): void {
  const body = JSON.stringify({ error });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'content-type: application/json; charset=utf-8\r\naccess-control-allow-origin: *\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** The whole body; undefined when it is longer than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream: AsyncIterable<Buffer> = request;
  for await (const bytes of stream) {
    length += bytes.length;
    // Read on to the end, so that the client gets to see the answer.
    if (length <= limit) chunks.push(bytes);
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}

/** What policies may see as request.headers: the `x-` headers, without the key. */
export function policyHeaders(request: IncomingMessage): Record<string, string> {
  const kept = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith('x-') && name !== 'x-api-key' && typeof value === 'string'
      ? [[name, value] as const]
      : [],
  );
  return Object.fromEntries(kept);
}
