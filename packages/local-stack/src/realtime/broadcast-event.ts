import { broadcastBytes, publishBroadcast } from './broadcast.ts';
import type { Broadcast } from './broadcast.ts';
import type { Channel } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import type { InboundFrame } from './frames.ts';
import { isJsonObject } from './json.ts';
import { payloadTooLarge } from './limits.ts';

/** What an acknowledged broadcast is refused with when the database could not be asked, by what kept it from answering. */
const unasked: Readonly<Record<string, string>> = {
  Unauthorized: 'rls_policy_error',
  QueryCanceled: 'query_canceled',
  MissingPartition: 'missing_partition',
  UnableToConnectToProject: 'unable_to_connect_to_project',
};

/** Handles `broadcast`. Only a sender who asked for acknowledgements learns that a message was not let through. */
export async function handleBroadcast(
  context: RealtimeContext,
  channel: Channel,
  frame: InboundFrame,
): Promise<void> {
  const broadcast = readBroadcast(frame);
  if (!broadcast) return;
  const writable = await channel.mayWrite('broadcast');
  if (!writable.ok) context.log('warning', 'broadcast_not_authorized', { reason: writable.refusal.code });
  if (channel.isClosed()) return;
  const { acknowledges, includesSelf } = channel.config;
  if (!writable.ok || !writable.value) {
    const error = writable.ok ? 'unauthorized' : (unasked[writable.refusal.code] ?? 'unable_to_set_policies');
    if (acknowledges) channel.session.reply(frame, 'error', { error }, channel.joinRef);
    return;
  }

  const tooLarge = payloadTooLarge(context.limits, broadcastBytes(broadcast));
  if (!tooLarge) publishBroadcast(channel.subscription, broadcast, includesSelf ? undefined : channel);
  if (acknowledges && !channel.isClosed()) {
    const response = tooLarge ? { error: 'payload_size_exceeded' } : {};
    channel.session.reply(frame, tooLarge ? 'error' : 'ok', response, channel.joinRef);
  }
  if (!channel.isClosed()) channel.countMessage();
}

function readBroadcast({ userBroadcast, payload }: InboundFrame): Broadcast | undefined {
  if (userBroadcast) return { kind: 'user', broadcast: userBroadcast };
  return isJsonObject(payload) ? { kind: 'text', payload: JSON.stringify(payload) } : undefined;
}
