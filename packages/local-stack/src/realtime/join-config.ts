import { isJsonObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** What to send again on joining: rows since a time in milliseconds since 1970, at most `limit` of them. */
export type ReplayRequest = { since: number; limit: number } | 'absent' | 'invalid';

/** A join as the client meant it. Parts that make no sense take their defaults, as on hosted. */
export type JoinConfig = {
  isPrivate: boolean;
  acknowledges: boolean;
  includesSelf: boolean;
  wantsReplicationReady: boolean;
  replay: ReplayRequest;
  presenceEnabled: boolean;
  /** undefined where the server is to make one up. */
  presenceKey: string | undefined;
  postgresChanges: JsonObject[];
  /** undefined where the key of the connection is to be used. */
  token: string | undefined;
};

const replayLimit = 25;

export function parseJoin(payload: unknown): JoinConfig {
  const params = isJsonObject(payload) ? payload : {};
  const config = objectIn(params, 'config');
  const broadcast = objectIn(config, 'broadcast');
  const presence = objectIn(config, 'presence');
  const { key } = presence;
  const changes = config.postgres_changes;
  return {
    isPrivate: isTrue(config.private),
    acknowledges: isTrue(broadcast.ack),
    includesSelf: isTrue(broadcast.self),
    wantsReplicationReady: isTrue(broadcast.replication_ready),
    replay: parseReplay(broadcast.replay),
    presenceEnabled: isTrue(presence.enabled),
    presenceKey: typeof key === 'string' && key !== '' ? key : undefined,
    postgresChanges: Array.isArray(changes) ? changes.filter(isJsonObject) : [],
    token: parseToken(params),
  };
}

/** The echo a client compares with what it asked for. The ids mean nothing: changes are never delivered here. */
export function echoPostgresChanges(requested: JsonObject[]): JsonObject[] {
  return requested.map((change, index) => ({ ...change, id: index + 1 }));
}

function parseToken(params: JsonObject): string | undefined {
  // `user_token` is the older name of the same field.
  const token = params.user_token ?? params.access_token;
  return typeof token === 'string' && !token.startsWith('sb_') ? token : undefined;
}

function parseReplay(replay: unknown): ReplayRequest {
  if (replay === undefined || replay === null) return 'absent';
  if (!isJsonObject(replay)) return 'invalid';
  const since = replay.since ?? 0;
  const limit = replay.limit ?? replayLimit;
  if (typeof since !== 'number' || typeof limit !== 'number') return 'invalid';
  if (!Number.isSafeInteger(since) || !Number.isSafeInteger(limit) || Math.abs(since) > 8.64e15)
    return 'invalid';
  return { since, limit: Math.min(Math.max(limit, 1), replayLimit) };
}

function objectIn(container: JsonObject, key: string): JsonObject {
  const value = container[key];
  return isJsonObject(value) ? value : {};
}

/** Some clients send booleans as text. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
