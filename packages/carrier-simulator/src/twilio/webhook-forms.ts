import { randomUUID } from 'node:crypto';
import { serviceOf, type TwilioAccount } from '../core/account.ts';
import type { StatusReport } from '../core/callback-queue.ts';
import type { CarrierMessage, MediaItem } from '../core/message.ts';
import type { OptOutKeyword } from '../core/keywords.ts';
import { splitWebhookUrl, type WebhookRequest } from '../core/webhook-client.ts';
import { toReceiptDate } from './dates.ts';
import { placeOf } from './geography.ts';
import { messageUri } from './message-resource.ts';
import { signWebhook } from './signature.ts';

/** The status callback Twilio would post; null when the client asked for none. */
export function statusCallback(report: StatusReport, account: TwilioAccount): WebhookRequest | null {
  const { message, status } = report;
  if (message.statusCallback === null) return null;
  const form = new Map<string, string>([
    ['AccountSid', message.accountSid],
    ['ApiVersion', '2010-04-01'],
    ['MessageSid', message.sid],
    ['SmsSid', message.sid],
    ['MessageStatus', status],
    ['SmsStatus', status],
    ['To', message.to],
  ]);
  if (message.from !== null) form.set('From', message.from);
  if (message.messagingServiceSid !== null) form.set('MessagingServiceSid', message.messagingServiceSid);
  if (report.errorCode !== null) form.set('ErrorCode', String(report.errorCode));
  if (report.errorMessage !== null) form.set('ErrorMessage', report.errorMessage);
  if (status === 'delivered' || status === 'undelivered')
    form.set('RawDlrDoneDate', toReceiptDate(message.updatedAt));
  return signedPost(message.statusCallback, account, form, `${message.sid}-${status}`);
}

export interface InboundWebhook {
  account: TwilioAccount;
  message: CarrierMessage;
  keyword: OptOutKeyword | null;
  /** Base address under which the client can fetch media from this carrier. */
  publicUrl: string;
}

/** The webhook Twilio posts when a customer texts one of the account's numbers. */
export function inboundWebhook(
  address: string,
  { account, message, keyword, publicUrl }: InboundWebhook,
): WebhookRequest {
  const from = message.from ?? '';
  const form = new Map<string, string>([
    ['ToCountry', placeOf(message.to).country],
    ['ToState', placeOf(message.to).state],
    ['SmsMessageSid', message.sid],
    ['NumMedia', String(message.media.length)],
    ['ToCity', placeOf(message.to).city],
    ['FromZip', placeOf(from).zip],
    ['SmsSid', message.sid],
    ['FromState', placeOf(from).state],
    ['SmsStatus', 'received'],
    ['FromCity', placeOf(from).city],
    ['Body', message.body],
    ['FromCountry', placeOf(from).country],
    ['To', message.to],
    ['ToZip', placeOf(message.to).zip],
    ['NumSegments', String(Math.max(1, message.segments))],
    ['MessageSid', message.sid],
    ['AccountSid', message.accountSid],
    ['From', from],
    ['ApiVersion', '2010-04-01'],
  ]);
  const service = serviceOf(account, message.to);
  if (service) form.set('MessagingServiceSid', service.sid);
  if (service?.advancedOptOut && keyword) form.set('OptOutType', keyword.toUpperCase());
  for (const [index, item] of message.media.entries()) {
    form.set(`MediaUrl${index}`, mediaAddress(message, item, publicUrl));
    form.set(`MediaContentType${index}`, item.contentType);
  }
  return signedPost(address, account, form, randomUUID());
}

/** Ours where we hold the bytes, the original one where we were told not to reach. */
function mediaAddress(message: CarrierMessage, item: MediaItem, publicUrl: string): string {
  if (item.bytes === null && item.sourceUrl !== null) return item.sourceUrl;
  return `${publicUrl}${messageUri(message.accountSid, message.sid)}/Media/${item.sid}`;
}

function signedPost(
  address: string,
  account: TwilioAccount,
  form: ReadonlyMap<string, string>,
  idempotencyToken: string,
): WebhookRequest {
  const { url, policy } = splitWebhookUrl(address);
  return {
    url,
    policy,
    body: new URLSearchParams([...form]).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'TwilioProxy/1.1',
      accept: '*/*',
      'x-twilio-signature': signWebhook(account.authToken, url, form),
      'i-twilio-idempotency-token': idempotencyToken,
    },
  };
}
