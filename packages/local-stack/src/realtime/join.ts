import { randomUUID } from 'node:crypto';
import type { DatabaseRefusal, Extension, ReadFlags } from './authorization.ts';
import { encodeBroadcast, storedBroadcast } from './broadcast.ts';
import type { StoredMessage } from './broadcast.ts';
import { Channel } from './channel.ts';
import type { Access } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import type { InboundFrame } from './frames.ts';
import { echoPostgresChanges, parseJoin } from './join-config.ts';
import type { JoinConfig } from './join-config.ts';
import { errorName } from './logger.ts';
import { syncPresence } from './presence-event.ts';
import type { Session } from './session.ts';
import type { TokenRefusal } from './tokens.ts';

type JoinRefusal = { reason: string; disconnects?: boolean };
type Refused = { ok: false; refusal: JoinRefusal };

const topicPrefix = 'realtime:';
const unsupportedChanges =
  'postgres_changes is not supported by the development Realtime server; use broadcast from the database';

export function isChannelTopic(topic: string): boolean {
  return topic.startsWith(topicPrefix);
}

/** Handles `phx_join`: every refusal is answered after a short delay, off the socket's queue. */
export async function join(context: RealtimeContext, session: Session, frame: InboundFrame): Promise<void> {
  session.channel(frame.topic)?.close();
  const name = frame.topic.slice(topicPrefix.length);
  const config = parseJoin(frame.payload);
  const outcome = await admit(context, session, { frame, name, config });
  if (!outcome.ok) {
    const { reason, disconnects } = outcome.refusal;
    context.log('warning', 'join_refused', { reason: reason.split(':', 1)[0] ?? reason });
    session.replyLater(frame, 'error', { reason }, disconnects === true);
    return;
  }
  const { channel, messages } = outcome;
  session.reply(frame, 'ok', { postgres_changes: echoPostgresChanges(config.postgresChanges) });
  channel.release(
    messages.map((message) => ({
      frame: encodeBroadcast(session.version, frame.topic, storedBroadcast(message, true)),
      id: message.id,
    })),
  );
  if (channel.presenceEnabled) syncPresence(context, channel);
  if (config.postgresChanges.length > 0) channel.pushSystem('error', unsupportedChanges, 'postgres_changes');
  if (config.wantsReplicationReady) void announceReplication(context, channel);
}

type JoinRequest = { frame: InboundFrame; name: string; config: JoinConfig };

async function admit(
  context: RealtimeContext,
  session: Session,
  request: JoinRequest,
): Promise<{ ok: true; channel: Channel; messages: StoredMessage[] } | Refused> {
  const { frame, name, config } = request;
  const limited = checkLimits(context, session, request);
  if (limited) return { ok: false, refusal: limited };

  const token = config.token ?? session.token;
  const verified = await context.verifier.verify(token);
  if (!verified.ok) return refuse(tokenReason(verified.refusal));
  const { bearer } = verified;

  const access: Access = { token, bearer, reads: noReads, writes: new Map() };
  if (config.isPrivate) {
    const authorization = { topic: name, claims: bearer.claims, headers: session.headers };
    const probed = await context.authorization.readable(authorization, extensionsOf(config.presenceEnabled));
    if (!probed.ok) return refuse(databaseReason(probed.refusal, name));
    access.reads = probed.value;
    const blind = !access.reads.broadcast && !access.reads.presence;
    if (blind || (config.replay !== 'absent' && !access.reads.broadcast)) {
      return refuse(`Unauthorized: ${unreadable(name)}`);
    }
  }
  const replayRefusal = checkReplay(config);
  if (replayRefusal) return refuse(replayRefusal);
  if (!session.isOpen) return refuse('Unknown Error on Channel');

  // Joined before the replay is read, so that nothing falls between the two.
  const presenceKey = config.presenceKey ?? randomUUID();
  const channel = new Channel(context, {
    session,
    topic: frame.topic,
    name,
    joinRef: frame.joinRef,
    config,
    presenceKey,
    access,
  });
  session.adopt(channel);
  context.connected.add(session);
  const messages = await readReplay(context, name, config);
  if (!messages || channel.isClosed()) {
    channel.detach();
    return refuse('UnableToReplayMessages: Realtime was unable to replay messages');
  }
  return { ok: true, channel, messages };
}

const noReads: ReadFlags = { broadcast: undefined, presence: undefined };

/** Presence is asked about only where it is in use, as on hosted. */
export function extensionsOf(presenceEnabled: boolean): Extension[] {
  return presenceEnabled ? ['broadcast', 'presence'] : ['broadcast'];
}

export function unreadable(name: string): string {
  return `You do not have permissions to read from this Channel topic: ${name}`;
}

function checkLimits(
  context: RealtimeContext,
  session: Session,
  { name, config }: JoinRequest,
): JoinRefusal | undefined {
  const { limits, rates, connected } = context;
  if (name === '') return { reason: 'TopicNameRequired: You must provide a topic name' };
  if (context.isStopping()) return { reason: 'RealtimeRestarting: Realtime is restarting, please standby' };
  if (context.privateOnly && !config.isPrivate) {
    return { reason: 'PrivateOnly: This project only allows private channels' };
  }
  if (!connected.has(session) && connected.size >= limits.connections) {
    return { reason: 'ConnectionRateLimitReached: Too many connected users' };
  }
  if (rates.joins.average() >= limits.joinsPerSecond) {
    return { reason: 'ClientJoinRateLimitReached: Too many joins per second', disconnects: true };
  }
  rates.joins.add();
  if (session.channelCount >= limits.channelsPerConnection) {
    return { reason: 'ChannelRateLimitReached: Too many channels' };
  }
  return undefined;
}

function checkReplay({ replay, isPrivate }: JoinConfig): string | undefined {
  if (replay === 'absent') return undefined;
  if (!isPrivate) return 'UnableToReplayMessages: Replay is not allowed for public channels';
  return replay === 'invalid' ? 'UnableToReplayMessages: Replay params are not valid' : undefined;
}

async function readReplay(
  context: RealtimeContext,
  name: string,
  { replay }: JoinConfig,
): Promise<StoredMessage[] | undefined> {
  if (replay === 'absent' || replay === 'invalid') return [];
  try {
    return await context.replay.since(name, replay.since, replay.limit);
  } catch (error) {
    context.log('error', 'replay_failed', { error: errorName(error) });
    return undefined;
  }
}

async function announceReplication(context: RealtimeContext, channel: Channel): Promise<void> {
  if (context.replication.isReady()) {
    channel.replicationReady();
    return;
  }
  // Once it stands every channel is told.
  const isReady = await context.replication.whenReady(context.replicationReadyTimeoutMs);
  if (!isReady) channel.shutDown('Replication connection was not established in time');
}

function refuse(reason: string): Refused {
  return { ok: false, refusal: { reason } };
}

function tokenReason({ code, message }: TokenRefusal): string {
  return `${code}: ${message}`;
}

/** An error inside a policy is not told to the client: it only learns that it may not read. */
function databaseReason({ code, message }: DatabaseRefusal, name: string): string {
  return code === 'Unauthorized' ? `Unauthorized: ${unreadable(name)}` : `${code}: ${message}`;
}
