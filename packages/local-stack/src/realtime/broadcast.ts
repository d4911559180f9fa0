import { encodeRawText, encodeText, encodeUserBroadcast } from './frames.ts';
import type { ProtocolVersion, UserBroadcast } from './frames.ts';
import type { JsonObject } from './json.ts';
import type { PresenceDiff } from './presence.ts';
import type { Frame, Subscriber, Topic } from './registry.ts';

/** A broadcast on its way to subscribers. */
export type Broadcast =
  /** JSON text of the whole payload, relayed as it came. */
  | { kind: 'text'; payload: string; messageId?: string }
  | { kind: 'user'; broadcast: UserBroadcast; messageId?: string; replayed?: boolean };

/** A row of realtime.messages that is to be delivered. */
export type StoredMessage = {
  id: string;
  event: string;
  payload: string | null;
  binaryPayload: Buffer | null;
};

/** Bytes that count against the payload limit. */
export function broadcastBytes(broadcast: Broadcast): number {
  return broadcast.kind === 'text' ? Buffer.byteLength(broadcast.payload) : broadcast.broadcast.body.length;
}

/** @param replayed true when it is sent again to somebody who just joined */
export function storedBroadcast(message: StoredMessage, replayed: boolean): Broadcast {
  const { id, event, payload, binaryPayload } = message;
  if (binaryPayload) {
    const broadcast: UserBroadcast = { event, encoding: 'binary', body: binaryPayload };
    return { kind: 'user', broadcast, messageId: id, replayed };
  }
  return { kind: 'text', payload: envelope(event, payload ?? 'null', metadata(id, replayed)), messageId: id };
}

/** @param payload JSON text */
export function textBroadcast(event: string, payload: string): Broadcast {
  return { kind: 'text', payload: envelope(event, payload) };
}

/** The frame for one protocol version; undefined where that version cannot carry it. */
export function encodeBroadcast(
  version: ProtocolVersion,
  topic: string,
  message: Broadcast,
): Frame | undefined {
  const head = { joinRef: null, ref: null, topic, event: 'broadcast' };
  if (message.kind === 'text') return encodeRawText(version, head, message.payload);
  const { broadcast, messageId, replayed } = message;
  const meta = messageId === undefined ? undefined : metadata(messageId, replayed === true);
  if (version === '2.0.0') {
    const frame = encodeUserBroadcast(topic, broadcast, meta ?? '');
    if (frame) return frame;
  }
  // Raw bytes have no text form.
  if (broadcast.encoding === 'binary') return undefined;
  return encodeRawText(version, head, envelope(broadcast.event, broadcast.body.toString('utf8'), meta));
}

/** Delivers to every subscriber that may read broadcasts. */
export function publishBroadcast(topic: Topic, message: Broadcast, except?: Subscriber): void {
  const frames = new Map<ProtocolVersion, Frame | undefined>();
  for (const subscriber of topic.subscribers) {
    if (subscriber === except || !subscriber.readsBroadcasts) continue;
    const { version } = subscriber;
    if (!frames.has(version)) frames.set(version, encodeBroadcast(version, subscriber.topic, message));
    const frame = frames.get(version);
    if (frame !== undefined) subscriber.receiveBroadcast(frame, message.messageId);
  }
}

/** Delivers to every subscriber that may read presence. */
export function publishPresenceDiff(topic: Topic, diff: PresenceDiff): void {
  for (const subscriber of topic.subscribers) {
    if (!subscriber.readsPresence) continue;
    const head = { joinRef: null, ref: null, topic: subscriber.topic, event: 'presence_diff' };
    subscriber.receivePresence(encodeText(subscriber.version, { ...head, payload: diff }));
  }
}

function envelope(event: string, payload: string, meta?: string): string {
  const tail = meta === undefined ? '' : `,"meta":${meta}`;
  return `{"type":"broadcast","event":${JSON.stringify(event)},"payload":${payload}${tail}}`;
}

function metadata(id: string, replayed: boolean): string {
  const meta: JsonObject = replayed ? { id, replayed } : { id };
  return JSON.stringify(meta);
}
