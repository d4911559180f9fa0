import type { ReadFlags } from './authorization.ts';
import type { Channel } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import { isJsonObject } from './json.ts';
import { extensionsOf, unreadable } from './join.ts';
import { syncPresence } from './presence-event.ts';
import { isOpaqueKey } from './tokens.ts';

/** Handles `access_token`: a new token may gain and lose rights. There is no reply when all is well. */
export async function handleAccessToken(
  context: RealtimeContext,
  channel: Channel,
  payload: unknown,
): Promise<void> {
  const token = isJsonObject(payload) ? payload.access_token : undefined;
  if (typeof token !== 'string' || isOpaqueKey(token) || token === channel.access.token) return;
  const verified = await context.verifier.verify(token);
  if (!verified.ok) {
    channel.shutDown(verified.refusal.message);
    return;
  }
  const previous = channel.access.reads;
  channel.access = { token, bearer: verified.bearer, reads: previous, writes: new Map() };
  channel.watchExpiry();
  if (channel.config.isPrivate) await readAgain(context, channel, previous);
}

async function readAgain(context: RealtimeContext, channel: Channel, previous: ReadFlags): Promise<void> {
  const extensions = extensionsOf(channel.presenceEnabled);
  const probed = await context.authorization.readable(channel.authorizationContext, extensions);
  if (channel.isClosed()) return;
  if (!probed.ok) {
    const { code, message } = probed.refusal;
    channel.shutDown(code === 'Unauthorized' ? unreadable(channel.name) : message);
    return;
  }
  const reads = probed.value;
  if (!reads.broadcast && !reads.presence) {
    channel.shutDown(unreadable(channel.name));
  } else if (lost(previous.broadcast, reads.broadcast) || lost(previous.presence, reads.presence)) {
    channel.shutDown(`You no longer have permission to read from this Channel topic: ${channel.name}`);
  } else {
    channel.access = { ...channel.access, reads };
    if (reads.presence && previous.presence === false) syncPresence(context, channel);
  }
}

function lost(before: boolean | undefined, after: boolean | undefined): boolean {
  return before === true && after !== true;
}
