import type { CarrierMessage, MediaItem, MessageOrigin } from '../core/message.ts';
import { toTwilioDate } from './dates.ts';

const directions: Record<MessageOrigin, string> = {
  api: 'outbound-api',
  reply: 'outbound-reply',
  automatic: 'outbound-reply',
  inbound: 'inbound',
};

/** What a text costs per segment, in US dollars: a debit, so negative. */
const pricePerSegment = 0.0079;

export function messageUri(accountSid: string, messageSid: string): string {
  return `/2010-04-01/Accounts/${accountSid}/Messages/${messageSid}`;
}

/** The Message resource as the API writes it: strings, save the error code. */
export function messageResource(message: CarrierMessage) {
  const uri = messageUri(message.accountSid, message.sid);
  const billed = message.sentAt !== null && message.origin !== 'inbound';
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: toTwilioDate(message.submittedAt),
    date_sent: message.sentAt === null ? null : toTwilioDate(message.sentAt),
    date_updated: toTwilioDate(message.updatedAt),
    direction: directions[message.origin],
    error_code: message.errorCode,
    error_message: message.errorMessage,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: String(message.media.length),
    num_segments: message.from === null ? '0' : String(message.segments),
    price: billed ? (-pricePerSegment * message.segments).toFixed(5) : null,
    price_unit: message.messagingServiceSid === null || billed ? 'USD' : null,
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

export function mediaResource(accountSid: string, item: MediaItem) {
  const created = toTwilioDate(item.createdAt);
  return {
    account_sid: accountSid,
    content_type: item.contentType,
    date_created: created,
    date_updated: created,
    parent_sid: item.messageSid,
    sid: item.sid,
    uri: `${messageUri(accountSid, item.messageSid)}/Media/${item.sid}.json`,
  };
}
