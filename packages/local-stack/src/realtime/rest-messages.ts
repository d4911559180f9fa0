import { textBroadcast } from './broadcast.ts';
import type { Broadcast } from './broadcast.ts';
import type { Answer } from './http.ts';
import { isJsonObject, parseJson } from './json.ts';
import { payloadTooLarge } from './limits.ts';
import type { Limits } from './limits.ts';

/** One message to send, topic without the `realtime:` prefix. */
export type RestMessage = { topic: string; isPrivate: boolean; broadcast: Broadcast };

type Refused = { ok: false; answer: Answer };
type FieldErrors = Record<string, string[]>;

const blank = ["can't be blank"];
const invalid = ['is invalid'];
const tooLarge = ['Payload size exceeds tenant limit'];

/** Parses `{"messages":[{topic, event, payload, private?}]}`. */
export function parseBatch(body: Buffer, limits: Limits): { ok: true; messages: RestMessage[] } | Refused {
  const parsed = parseJson(body.toString('utf8'));
  if (!isJsonObject(parsed)) return unprocessable({ messages: blank });
  const { messages } = parsed;
  if (messages === undefined || messages === null) return unprocessable({ messages: blank });
  if (!Array.isArray(messages)) return unprocessable({ messages: invalid });
  if (messages.length === 0) return unprocessable({ messages: blank });
  const results = messages.map((message: unknown) => parseBatchMessage(message, limits));
  const accepted = results.flatMap((result) => ('errors' in result ? [] : [result]));
  if (accepted.length === results.length) return { ok: true, messages: accepted };
  return unprocessable({ messages: results.map((result) => ('errors' in result ? result.errors : {})) });
}

function parseBatchMessage(message: unknown, limits: Limits): RestMessage | { errors: FieldErrors } {
  if (!isJsonObject(message)) return { errors: { message: invalid } };
  const { topic, event, payload } = message;
  const text = JSON.stringify(payload ?? null);
  const errors: FieldErrors = {
    ...textErrors('topic', topic),
    ...textErrors('event', event),
    ...(payload === undefined || payload === null
      ? { payload: blank }
      : !isJsonObject(payload)
        ? { payload: invalid }
        : payloadTooLarge(limits, Buffer.byteLength(text))
          ? { payload: tooLarge }
          : {}),
  };
  if (typeof topic !== 'string' || typeof event !== 'string' || Object.keys(errors).length > 0)
    return { errors };
  const isPrivate = message.private === true || message.private === 'true';
  return { topic, isPrivate, broadcast: textBroadcast(event, text) };
}

export type SingleInput = {
  /** As they stand in the path, percent-encoded. */
  topic: string;
  event: string;
  query: URLSearchParams;
  type: string | undefined;
  body: Buffer;
};

/** Parses `POST …/broadcast/<topic>/events/<event>`, whose body is the payload itself. */
export function parseSingle(
  input: SingleInput,
  limits: Limits,
): { ok: true; message: RestMessage } | Refused {
  const topic = decodeSegment(input.topic);
  const event = decodeSegment(input.event);
  if (!topic || !event) return refuse(400, 'The topic or the event is not properly encoded');
  const isPrivate = input.query.get('private') === 'true';
  if (!isPrivate && [...input.query.keys()].some((key) => /^persist(\[|$)/.test(key))) {
    return unprocessable({ persist: ['can only be used on private channels'] });
  }
  const mediaType = (input.type ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const encoding = mediaType === 'application/json' ? 'json' : 'binary';
  if (encoding === 'binary' && mediaType !== 'application/octet-stream') {
    return refuse(415, 'Unsupported media type: use application/json or application/octet-stream');
  }
  if (encoding === 'json' && parseJson(input.body.toString('utf8')) === undefined) {
    return input.body.length === 0 ? unprocessable({ payload: blank }) : refuse(400, 'The body is not JSON');
  }
  if (payloadTooLarge(limits, input.body.length)) return unprocessable({ payload: tooLarge });
  return {
    ok: true,
    message: {
      topic,
      isPrivate,
      broadcast: { kind: 'user', broadcast: { event, encoding, body: input.body } },
    },
  };
}

function textErrors(field: string, value: unknown): FieldErrors {
  if (value === undefined || value === null || value === '') return { [field]: blank };
  return typeof value === 'string' ? {} : { [field]: invalid };
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function unprocessable(errors: Record<string, unknown>): Refused {
  return { ok: false, answer: { status: 422, body: { errors } } };
}

function refuse(status: number, message: string): Refused {
  return { ok: false, answer: { status, body: { message } } };
}
