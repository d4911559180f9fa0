import { keywordIntent } from '@threadline/messaging/intent';
import type { KeywordIntent } from '@threadline/messaging/intent';
import { isFormContent, isJsonContent } from '../content-type.ts';
import type {
  InboundMedia,
  WebhookAnswer,
  WebhookEvent,
  WebhookReading,
  WebhookRequest,
} from '../provider.ts';
import { queryOf, readAttemptId, webhookAddress } from '../webhook-url.ts';
import { errorCode } from './error-map.ts';
import { formParameters } from './signature.ts';
import { deliveryStatus } from './status-map.ts';

/**
 * Asks Twilio to deliver again, five times, after a 5xx of ours and after connection and read time-outs. Without
 * it a webhook answered 500 is lost. Twilio strips the fragment before requesting and before signing the URL.
 * Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
 */
export const REDELIVERY_FRAGMENT = '#rc=5&rp=5xx,ct,rt';

const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
/** Of one message. */
export const MOST_MEDIA = 10;

/**
 * Whole-message keywords Twilio answers by itself on long codes and toll-free numbers. YES is left out: Twilio
 * replies to it only when the person had opted out before.
 * Source: twilio.com/docs/messaging/tutorials/advanced-opt-out.
 */
const answeredKeywords: ReadonlySet<string> = new Set([
  ...['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'],
  ...['START', 'UNSTOP', 'HELP', 'INFO'],
]);

const optOutTypes: ReadonlyMap<string, KeywordIntent> = new Map<string, KeywordIntent>([
  ['STOP', 'stop'],
  ['START', 'start'],
  ['HELP', 'help'],
]);

/** Parameters kept with the event. Everything else may describe a person, so only its name is kept. */
const keptParameters: readonly string[] = [
  'ApiVersion',
  'MessagingServiceSid',
  'NumMedia',
  'NumSegments',
  'OptOutType',
  'SmsStatus',
  'MessageStatus',
  'ErrorCode',
  'RawDlrDoneDate',
  'EventType',
  'ChannelPrefix',
];

const ownParameters = new Set([
  ...['AccountSid', 'MessageSid', 'SmsSid', 'SmsMessageSid', 'From', 'To', 'Body', 'ErrorMessage'],
  ...['FromCity', 'FromState', 'FromZip', 'FromCountry', 'ToCity', 'ToState', 'ToZip', 'ToCountry'],
]);

export function twilioWebhookUrl(publicWebhookBase: string): string {
  return webhookAddress(publicWebhookBase, 'twilio') + REDELIVERY_FRAGMENT;
}

/** The address for what becomes of one message. */
export function attemptWebhookUrl(publicWebhookBase: string, attemptId: string): string {
  return `${webhookAddress(publicWebhookBase, 'twilio')}?a=${attemptId}${REDELIVERY_FRAGMENT}`;
}

/** The attempt named in an address; null when there is none. */
export function attemptIn(url: string): string | null {
  return readAttemptId(queryOf(url).get('a'));
}

export function readTwilioWebhook(request: WebhookRequest): WebhookReading {
  const contentType = request.headers.get('content-type');
  if (isFormContent(contentType)) return readForm(formParameters(request.rawBody));
  if (isJsonContent(contentType)) return readJson(request.rawBody);
  return { ok: false, problem: 'content_type' };
}

function readForm(form: URLSearchParams): WebhookReading {
  const accountRef = form.get('AccountSid');
  if (accountRef === null || accountRef === '') return { ok: false, problem: 'body' };
  return { ok: true, accountRef, senderPool: form.get('MessagingServiceSid'), event: formEvent(form) };
}

/** Some products of Twilio post JSON. None of them is about messages, so there is only the account to read. */
function readJson(rawBody: Uint8Array<ArrayBuffer>): WebhookReading {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(rawBody));
  } catch {
    return { ok: false, problem: 'body' };
  }
  const accountRef =
    typeof value === 'object' && value !== null && 'AccountSid' in value ? value.AccountSid : undefined;
  if (typeof accountRef !== 'string' || accountRef === '') return { ok: false, problem: 'body' };
  const event: WebhookEvent = { kind: 'unrecognized', details: { format: 'json' } };
  return { ok: true, accountRef, senderPool: null, event };
}

function formEvent(form: URLSearchParams): WebhookEvent {
  const providerMessageId = form.get('MessageSid') ?? form.get('SmsSid') ?? '';
  const providerStatus = form.get('MessageStatus') ?? '';
  const details = redactParameters(form);
  if (providerMessageId !== '' && providerStatus !== '') {
    return deliveryEvent(form, { providerMessageId, providerStatus, details });
  }
  const from = form.get('From') ?? '';
  const to = form.get('To') ?? '';
  if (providerMessageId !== '' && from !== '' && to !== '' && form.get('Body') !== null) {
    return inboundEvent(form, { providerMessageId, from, to, details });
  }
  return { kind: 'unrecognized', details };
}

function deliveryEvent(
  form: URLSearchParams,
  known: Pick<WebhookEvent & { kind: 'delivery' }, 'providerMessageId' | 'providerStatus' | 'details'>,
): WebhookEvent {
  const providerCode = nonEmpty(form.get('ErrorCode'));
  const doneDate = form.get('RawDlrDoneDate') ?? '';
  return {
    kind: 'delivery',
    ...known,
    eventKey: `${known.providerMessageId}:${known.providerStatus}:${providerCode ?? ''}:${doneDate}`,
    attemptId: null,
    status: deliveryStatus(known.providerStatus),
    providerCode,
    code: providerCode === null ? null : errorCode(providerCode, 'carrier_failed'),
  };
}

function inboundEvent(
  form: URLSearchParams,
  known: Pick<WebhookEvent & { kind: 'inbound' }, 'providerMessageId' | 'from' | 'to' | 'details'>,
): WebhookEvent {
  const body = form.get('Body') ?? '';
  const optOutType = readOptOutType(form);
  const segments = Number(form.get('NumSegments'));
  return {
    kind: 'inbound',
    ...known,
    eventKey: known.providerMessageId,
    body,
    segments: Number.isSafeInteger(segments) && segments > 0 ? segments : 1,
    intent: optOutType ?? keywordIntent(body),
    carrierReplied: optOutType !== null || isAnsweredByDefault(body, known.to),
    media: readMedia(form),
  };
}

/** Present only where Advanced Opt-Out is on; then Twilio has decided and replied. */
function readOptOutType(form: URLSearchParams): KeywordIntent | null {
  return optOutTypes.get(form.get('OptOutType')?.toUpperCase() ?? '') ?? null;
}

/** Short codes are five or six digits, and Twilio answers nothing on them by default. */
export function isAnsweredByDefault(body: string, to: string): boolean {
  return to.startsWith('+') && answeredKeywords.has(body.trim().toUpperCase());
}

function readMedia(form: URLSearchParams): InboundMedia[] {
  const count = Math.min(Number(form.get('NumMedia')) || 0, MOST_MEDIA);
  const media: InboundMedia[] = [];
  for (let index = 0; index < count; index += 1) {
    const url = nonEmpty(form.get(`MediaUrl${index}`));
    if (url !== null) media.push({ url, contentType: nonEmpty(form.get(`MediaContentType${index}`)) });
  }
  return media;
}

/** What may be stored beside an event: technical parameters, and the bare names of those we do not know. */
export function redactParameters(form: URLSearchParams): Record<string, unknown> {
  const details: Record<string, unknown> = {};
  for (const name of keptParameters) {
    const value = nonEmpty(form.get(name));
    if (value !== null) details[name] = value;
  }
  const others = [...new Set(form.keys())].filter((name) => !isKnownParameter(name));
  if (others.length > 0) details['otherParameters'] = others.slice(0, 50);
  return details;
}

function isKnownParameter(name: string): boolean {
  return keptParameters.includes(name) || ownParameters.has(name) || /^Media(Url|ContentType)\d+$/.test(name);
}

/** An empty TwiML document for a message, so that replies go through our queue; nothing for a report. */
export function acknowledgeTwilio(event: WebhookEvent): WebhookAnswer {
  if (event.kind === 'delivery') return { status: 204, contentType: null, body: null };
  return { status: 200, contentType: 'text/xml', body: EMPTY_TWIML };
}

function nonEmpty(value: string | null): string | null {
  return value === null || value === '' ? null : value;
}
