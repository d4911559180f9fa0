import { broadcastBytes, publishBroadcast } from './broadcast.ts';
import type { Broadcast } from './broadcast.ts';
import type { Channel } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import type { InboundFrame } from './frames.ts';
import { isJsonObject } from './json.ts';
import { payloadTooLarge } from './limits.ts';

/** Handles `broadcast`. A sender who may not write gets no answer at all, acknowledgement asked for or not. */
export async function handleBroadcast(
  context: RealtimeContext,
  channel: Channel,
  frame: InboundFrame,
): Promise<void> {
  const broadcast = readBroadcast(frame);
  if (!broadcast) return;
  const writable = await channel.mayWrite('broadcast');
  if (!writable.ok) context.log('warning', 'broadcast_not_authorized', { reason: writable.refusal.code });
  if (!writable.ok || !writable.value || channel.isClosed()) return;

  const { acknowledges, includesSelf } = channel.config;
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
