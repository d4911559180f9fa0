import { publishPresenceDiff } from './broadcast.ts';
import type { Channel } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import type { InboundFrame } from './frames.ts';
import { isJsonObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { payloadTooLarge } from './limits.ts';
import { parsePresenceCall } from './presence.ts';

type Answer =
  { kind: 'ok' } | { kind: 'error'; response: JsonObject } | { kind: 'shutDown'; message: string };

const ok: Answer = { kind: 'ok' };
const refused: Answer = { kind: 'error', response: {} };
const tooMany = { kind: 'shutDown', message: 'Too many presence messages per second' } as const;

/** Handles `presence`: track, update and untrack. */
export async function handlePresence(
  context: RealtimeContext,
  channel: Channel,
  frame: InboundFrame,
): Promise<void> {
  const answer = await answerCall(context, channel, frame.payload);
  if (answer.kind === 'shutDown') {
    channel.shutDown(answer.message);
  } else if (!channel.isClosed()) {
    channel.session.reply(frame, answer.kind, answer.kind === 'ok' ? {} : answer.response, channel.joinRef);
  }
}

/** Sends who is present; clients hold back every diff until it comes. */
export function syncPresence(context: RealtimeContext, channel: Channel): void {
  if (!channel.readsPresence) return;
  if (countPresence(context)) channel.push('presence_state', channel.subscription.presence.state());
  else channel.shutDown(tooMany.message);
}

async function answerCall(context: RealtimeContext, channel: Channel, payload: unknown): Promise<Answer> {
  const call = parsePresenceCall(payload);
  if (call.kind === 'none') return ok;
  if (!channel.presenceCalls.take())
    return { kind: 'shutDown', message: 'Client presence rate limit exceeded' };
  if (call.kind === 'untrack') {
    const diff = channel.subscription.presence.untrack(channel);
    if (diff) publishPresenceDiff(channel.subscription, diff);
    return ok;
  }
  return call.kind === 'track' ? track(context, channel, call.payload) : refused;
}

async function track(context: RealtimeContext, channel: Channel, payload: unknown): Promise<Answer> {
  if (!(await mayTrack(context, channel))) return refused;
  if (channel.isClosed()) return ok;
  if (!isJsonObject(payload)) {
    return { kind: 'error', response: { reason: 'Presence track payload must be a map' } };
  }
  if (payloadTooLarge(context.limits, Buffer.byteLength(JSON.stringify(payload)))) {
    return { kind: 'shutDown', message: 'Track message size exceeded' };
  }
  const keys = Object.keys(payload).length;
  if (keys > context.limits.presenceKeys) context.log('warning', 'presence_keys_over_limit', { keys });
  if (!countPresence(context)) return tooMany;
  if (!channel.presenceEnabled) {
    channel.presenceEnabled = true;
    syncPresence(context, channel);
  }
  const diff = channel.isClosed()
    ? undefined
    : channel.subscription.presence.track(channel, channel.presenceKey, payload);
  if (diff) publishPresenceDiff(channel.subscription, diff);
  return ok;
}

/** A join without presence did not ask whether presence may be read; the first track does. */
async function mayTrack(context: RealtimeContext, channel: Channel): Promise<boolean> {
  const { access, config } = channel;
  if (config.isPrivate && access.reads.presence === undefined) {
    const readable = await context.authorization.readable(channel.authorizationContext, ['presence']);
    if (!readable.ok) return false;
    access.reads = { ...access.reads, presence: readable.value.presence };
  }
  const writable = await channel.mayWrite('presence');
  return writable.ok && writable.value;
}

function countPresence({ rates, limits }: RealtimeContext): boolean {
  if (rates.presence.average() > limits.presenceMessagesPerSecond) return false;
  rates.presence.add();
  return true;
}
