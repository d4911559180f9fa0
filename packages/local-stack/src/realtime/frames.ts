import { isJsonObject, parseJson } from './json.ts';

/**
 * The Phoenix wire format as Supabase Realtime speaks it: text frames of versions 1.0.0 and 2.0.0, and the two
 * binary frames of 2.0.0 (https://supabase.com/docs/guides/realtime/protocol).
 */
export type ProtocolVersion = '1.0.0' | '2.0.0';

/** A reference chosen by the client and echoed as it came. */
export type Ref = string | number | null;

/** A broadcast whose event and payload travel apart, so the payload can be raw bytes. */
export type UserBroadcast = { event: string; encoding: 'json' | 'binary'; body: Buffer };

export type InboundFrame = {
  joinRef: Ref;
  ref: Ref;
  topic: string;
  event: string;
  payload: unknown;
  /** Only of a binary broadcast; `payload` is undefined then. */
  userBroadcast?: UserBroadcast;
};

const kindUserBroadcastPush = 3;
const kindUserBroadcast = 4;
const longestField = 255;

/** The version a client asked for: 1.0.0 when it asked for none, undefined when we do not speak it. */
export function parseVersion(vsn: string | null): ProtocolVersion | undefined {
  if (vsn === null) return '1.0.0';
  return vsn === '1.0.0' || vsn === '2.0.0' ? vsn : undefined;
}

/** Reads one text frame; undefined for anything malformed. */
export function decodeText(version: ProtocolVersion, text: string): InboundFrame | undefined {
  const message = parseJson(text);
  if (version === '2.0.0') {
    if (!Array.isArray(message) || message.length < 5) return undefined;
    const fields: unknown[] = message;
    const [joinRef, ref, topic, event, payload] = fields;
    return inboundFrame(joinRef, ref, topic, event, payload);
  }
  if (!isJsonObject(message)) return undefined;
  if (!['topic', 'event', 'payload', 'ref'].every((key) => key in message)) return undefined;
  return inboundFrame(message.join_ref ?? null, message.ref, message.topic, message.event, message.payload);
}

function inboundFrame(
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown,
): InboundFrame | undefined {
  if (typeof topic !== 'string' || typeof event !== 'string' || !isRef(ref) || !isRef(joinRef))
    return undefined;
  return { joinRef, ref, topic, event, payload };
}

function isRef(value: unknown): value is Ref {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

/** Reads a binary user-broadcast push (kind 3); undefined for anything else or malformed. */
export function decodeBinary(frame: Buffer): InboundFrame | undefined {
  const [kind, joinRefLength, refLength, topicLength, eventLength, metadataLength, encoding] = frame;
  if (kind !== kindUserBroadcastPush || encoding === undefined || encoding > 1) return undefined;
  const lengths = [joinRefLength, refLength, topicLength, eventLength, metadataLength];
  let offset = 7;
  const fields: string[] = [];
  for (const length of lengths) {
    const end = offset + (length ?? 0);
    if (end > frame.length) return undefined;
    fields.push(frame.toString('utf8', offset, end));
    offset = end;
  }
  const [joinRef = '', ref = '', topic = '', event = '', metadata = ''] = fields;
  const body = frame.subarray(offset);
  if (metadata !== '' && !isJsonObject(parseJson(metadata))) return undefined;
  if (encoding === 1 && parseJson(body.toString('utf8')) === undefined) return undefined;
  return {
    joinRef: joinRef === '' ? null : joinRef,
    ref: ref === '' ? null : ref,
    topic,
    event: 'broadcast',
    payload: undefined,
    userBroadcast: { event, encoding: encoding === 1 ? 'json' : 'binary', body },
  };
}

/** A server message in text form. Version 1.0.0 has no place for the join reference. */
export function encodeText(
  version: ProtocolVersion,
  frame: { joinRef: Ref; ref: Ref; topic: string; event: string; payload: unknown },
): string {
  return encodeRawText(version, frame, JSON.stringify(frame.payload));
}

/** As encodeText, with a payload that already is JSON text. */
export function encodeRawText(
  version: ProtocolVersion,
  frame: { joinRef: Ref; ref: Ref; topic: string; event: string },
  payload: string,
): string {
  const topic = JSON.stringify(frame.topic);
  const event = JSON.stringify(frame.event);
  const ref = JSON.stringify(frame.ref);
  return version === '2.0.0'
    ? `[${JSON.stringify(frame.joinRef)},${ref},${topic},${event},${payload}]`
    : `{"topic":${topic},"event":${event},"payload":${payload},"ref":${ref}}`;
}

/**
 * A binary user broadcast (kind 4).
 * @param metadata JSON text, or empty
 * @returns undefined where a field is longer than its one-byte length can say
 */
export function encodeUserBroadcast(
  topic: string,
  broadcast: UserBroadcast,
  metadata: string,
): Buffer | undefined {
  const fields = [topic, broadcast.event, metadata].map((field) => Buffer.from(field));
  if (fields.some((field) => field.length > longestField)) return undefined;
  const encoding = broadcast.encoding === 'json' ? 1 : 0;
  const head = Buffer.from([kindUserBroadcast, ...fields.map((field) => field.length), encoding]);
  return Buffer.concat([head, ...fields, broadcast.body]);
}
