import { keywordIntent } from '@threadline/messaging/intent';
import type { KeywordIntent } from '@threadline/messaging/intent';
import { isJsonContent } from '../content-type.ts';
import { countOf, isJsonObject, listOf, parseJsonObject, textOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type {
  InboundEvent,
  InboundMedia,
  WebhookAnswer,
  WebhookEvent,
  WebhookReading,
  WebhookRequest,
} from '../provider.ts';
import { webhookAddress } from '../webhook-url.ts';
import { errorCode, readError } from './error-map.ts';
import { deliveryStatus } from './status-map.ts';

const MOST_MEDIA = 10;
const deliveryEvents: ReadonlySet<string> = new Set(['message.sent', 'message.finalized', 'message.read']);

/**
 * Whole-message keywords Telnyx acts on and answers by itself; this cannot be switched off. HELP, and whatever else a
 * profile was set up to answer, comes with an `autoresponse_type`.
 * Source: developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out.
 */
const answeredKeywords: ReadonlySet<string> = new Set([
  ...['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
  ...['START', 'UNSTOP'],
]);

const autoresponseIntents: ReadonlyMap<string, KeywordIntent> = new Map<string, KeywordIntent>([
  ['STOP', 'stop'],
  ['START', 'start'],
  ['HELP', 'help'],
]);

/** Fields kept with the event. Everything else may describe a person, so only its name is kept. */
const keptFields: readonly string[] = [
  ...['direction', 'type', 'encoding', 'parts', 'messaging_profile_id', 'organization_id'],
  ...['autoresponse_type', 'smart_encoding_applied', 'received_at', 'sent_at', 'completed_at', 'valid_until'],
  ...['wait_seconds', 'tcr_campaign_id', 'tcr_campaign_billable', 'tcr_campaign_registered'],
];

const ownFields: ReadonlySet<string> = new Set([
  ...['id', 'record_type', 'from', 'to', 'cc', 'text', 'subject', 'body', 'media', 'errors', 'tags'],
  ...['cost', 'cost_breakdown', 'num_chars', 'webhook_url', 'webhook_failover_url'],
]);

export function telnyxWebhookUrl(publicWebhookBase: string): string {
  return webhookAddress(publicWebhookBase, 'telnyx');
}

/** Telnyx names no account in a webhook, so every account's key has to be tried. */
export function readTelnyxWebhook(request: WebhookRequest): WebhookReading {
  if (!isJsonContent(request.headers.get('content-type'))) return { ok: false, problem: 'content_type' };
  const data = parseJsonObject(new TextDecoder().decode(request.rawBody))?.['data'];
  if (!isJsonObject(data)) return { ok: false, problem: 'body' };
  const eventKey = textOf(data['id']);
  const eventType = textOf(data['event_type']);
  if (eventKey === null || eventType === null) return { ok: false, problem: 'body' };
  const payload = isJsonObject(data['payload']) ? data['payload'] : {};
  const details = redactPayload(payload, { eventType, occurredAt: textOf(data['occurred_at']) });
  const event =
    readMessage(eventType, payload, { eventKey, details }) ?? ({ kind: 'unrecognized', details } as const);
  return { ok: true, accountRef: null, senderPool: textOf(payload['messaging_profile_id']), event };
}

/** Where Telnyx was told to report to for this one message; null when the webhook does not say. */
export function messageWebhookUrl(request: WebhookRequest): string | null {
  const data = parseJsonObject(new TextDecoder().decode(request.rawBody))?.['data'];
  const payload = isJsonObject(data) ? data['payload'] : null;
  return isJsonObject(payload) ? textOf(payload['webhook_url']) : null;
}

/** A text as the API tells of it, which is the payload of a webhook without the event. Null for what is no customer's text. */
export function readLoggedText(payload: JsonObject): InboundEvent | null {
  const providerMessageId = textOf(payload['id']);
  if (providerMessageId === null || payload['direction'] !== 'inbound') return null;
  const details = redactPayload(payload, { eventType: 'log', occurredAt: null });
  // Not the webhook's key, which only the webhook has; the message's own id tells that they are the same.
  return inboundEvent(payload, { eventKey: `log:${providerMessageId}`, details, providerMessageId });
}

type Known = Pick<WebhookEvent & { kind: 'inbound' }, 'eventKey' | 'details'>;

function readMessage(eventType: string, payload: JsonObject, known: Known): WebhookEvent | null {
  const providerMessageId = textOf(payload['id']);
  // WhatsApp and RCS come through the same door.
  const isText = [undefined, 'SMS', 'MMS'].some((type) => payload['type'] === type);
  if (providerMessageId === null || !isText) return null;
  if (deliveryEvents.has(eventType)) return deliveryEvent(payload, { ...known, providerMessageId });
  if (eventType === 'message.received') return inboundEvent(payload, { ...known, providerMessageId });
  return null;
}

function deliveryEvent(
  payload: JsonObject,
  known: Known & { readonly providerMessageId: string },
): WebhookEvent | null {
  const providerStatus = textOf(firstRecipient(payload)?.['status']);
  if (providerStatus === null) return null;
  const error = readError(payload['errors']);
  return {
    kind: 'delivery',
    ...known,
    attemptId: null,
    providerStatus,
    status: deliveryStatus(providerStatus),
    providerCode: error?.code ?? null,
    code: error === null ? null : errorCode(error, 'rejected'),
  };
}

function inboundEvent(
  payload: JsonObject,
  known: Known & { readonly providerMessageId: string },
): InboundEvent | null {
  const from = isJsonObject(payload['from']) ? textOf(payload['from']['phone_number']) : null;
  const to = textOf(firstRecipient(payload)?.['phone_number']);
  if (from === null || to === null) return null;
  const body = textOf(payload['text']) ?? '';
  const autoresponse = textOf(payload['autoresponse_type']);
  return {
    kind: 'inbound',
    ...known,
    from,
    to,
    body,
    segments: countOf(payload['parts']) ?? 1,
    intent: autoresponseIntents.get(autoresponse?.toUpperCase() ?? '') ?? keywordIntent(body),
    carrierReplied: autoresponse !== null || answeredKeywords.has(body.trim().toUpperCase()),
    media: readMedia(payload['media']),
  };
}

/** We never text a group, so the first recipient is the only one. */
function firstRecipient(payload: JsonObject): JsonObject | null {
  const [recipient] = listOf(payload['to']);
  return isJsonObject(recipient) ? recipient : null;
}

function readMedia(media: unknown): InboundMedia[] {
  return listOf(media)
    .slice(0, MOST_MEDIA)
    .flatMap((item) => {
      const url = isJsonObject(item) ? textOf(item['url']) : null;
      return isJsonObject(item) && url !== null ? [{ url, contentType: textOf(item['content_type']) }] : [];
    });
}

/** What may be stored beside an event: technical fields, codes of errors, and the bare names of fields we do not know. */
function redactPayload(
  payload: JsonObject,
  { eventType, occurredAt }: { eventType: string; occurredAt: string | null },
): Record<string, unknown> {
  const details: Record<string, unknown> = { event_type: eventType };
  if (occurredAt !== null) details['occurred_at'] = occurredAt;
  for (const name of keptFields) {
    const value = payload[name];
    if (value !== '' && ['string', 'number', 'boolean'].includes(typeof value)) details[name] = value;
  }
  const error = readError(payload['errors']);
  if (error?.code != null) details['error_code'] = error.code;
  const others = Object.keys(payload).filter((name) => !keptFields.includes(name) && !ownFields.has(name));
  if (others.length > 0) details['otherFields'] = others.slice(0, 50);
  return details;
}

/** Any 2xx within two seconds will do; a body would be ignored. */
export function acknowledgeTelnyx(): WebhookAnswer {
  return { status: 200, contentType: null, body: null };
}
