import type { IncomingMessage } from 'node:http';
import type { RealtimeContext } from './context.ts';
import { parseVersion } from './frames.ts';
import type { ProtocolVersion } from './frames.ts';

export type Handshake =
  { ok: true; version: ProtocolVersion; token: string } | { ok: false; status: number; error: string };

/** Decides whether a socket may be opened: protocol version, then key, then room. */
export async function checkHandshake(
  context: RealtimeContext,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Handshake> {
  if (context.isStopping()) return refuse(503, 'Realtime is restarting, please standby');
  const version = parseVersion(query.get('vsn'));
  if (!version) return refuse(403, 'Unsupported protocol version: use vsn=1.0.0 or vsn=2.0.0');
  const header = request.headers['x-api-key'];
  const token = typeof header === 'string' && header !== '' ? header : query.get('apikey');
  if (token === null || token === '') return refuse(401, 'Missing API key');
  const verified = await context.verifier.verify(token);
  if (!verified.ok) return refuse(401, verified.refusal.message);
  if (context.connected.size >= context.limits.connections) return refuse(429, 'Too many connected users');
  if (context.rates.joins.average() >= context.limits.joinsPerSecond) {
    return refuse(429, 'Too many joins per second');
  }
  return { ok: true, version, token };
}

function refuse(status: number, error: string): Handshake {
  return { ok: false, status, error };
}
