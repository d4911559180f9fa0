import { randomUUID } from 'node:crypto';
import { serviceOf, type TelnyxAccount } from '../core/account.ts';
import { noReceipt } from '../core/delivery-endings.ts';
import type { CarrierMessage, CarrierStatus, MediaItem } from '../core/message.ts';
import { mediaStoragePath } from '../media-storage.ts';
import { deliveryError } from './telnyx-error.ts';

const expiredCodes: ReadonlySet<number> = new Set([30036, 30410, 40005, 40014]);

/** What a text costs per part, in US dollars. */
const pricePerPart = 0.004;

export function newMessageId(): string {
  return randomUUID();
}

/** Telnyx's word for where a message stands (telnyx-node 7.24, OutboundMessagePayload). */
export function statusWord(
  status: CarrierStatus,
  message: Pick<CarrierMessage, 'errorCode' | 'doom'>,
): string {
  switch (status) {
    case 'accepted':
      return 'queued';
    case 'failed':
      return expiredCodes.has(message.errorCode ?? 0) ? 'expired' : 'sending_failed';
    case 'undelivered':
      return expiredCodes.has(message.errorCode ?? 0) ? 'expired' : 'delivery_failed';
    case 'canceled':
      return 'cancelled';
    case 'sent':
      return message.doom === noReceipt ? 'delivery_unconfirmed' : 'sent';
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'delivered':
    case 'received':
      return status;
  }
}

/**
 * A message as the API answers it and as its webhooks carry it.
 * @param status where it stood at the moment it is told of
 */
export function outboundPayload(
  message: CarrierMessage,
  account: TelnyxAccount,
  status: CarrierStatus = message.status,
) {
  const isOver = ['delivered', 'undelivered', 'failed', 'canceled'].includes(status);
  return {
    ...commonPayload(message, account),
    direction: 'outbound',
    from: { phone_number: message.from ?? '', carrier: 'Telnyx', line_type: 'VoIP' },
    to: [
      {
        phone_number: message.to,
        status: statusWord(status, message),
        carrier: 'Simulated carrier',
        line_type: 'Wireless',
      },
    ],
    cost: { amount: (pricePerPart * Math.max(1, message.segments)).toFixed(4), currency: 'USD' },
    sent_at: message.sentAt === null ? null : new Date(message.sentAt).toISOString(),
    completed_at: isOver ? new Date(message.updatedAt).toISOString() : null,
    valid_until: null,
    webhook_url: message.parameters['webhook_url'] ?? null,
    webhook_failover_url: message.parameters['webhook_failover_url'] ?? null,
    errors: message.errorCode === null ? [] : [deliveryError(message.errorCode)],
  };
}

/** A customer's text as `message.received` carries it. */
export function inboundPayload(
  message: CarrierMessage,
  account: TelnyxAccount,
  { autoresponse, mediaUrl }: { autoresponse: string | null; mediaUrl: (item: MediaItem) => string },
) {
  return {
    ...commonPayload(message, account),
    direction: 'inbound',
    from: { phone_number: message.from ?? '', carrier: 'Simulated carrier', line_type: 'Wireless' },
    to: [{ phone_number: message.to, status: 'webhook_delivered', carrier: 'Telnyx', line_type: 'VoIP' }],
    media: message.media.map((item) => ({
      url: mediaUrl(item),
      content_type: item.contentType,
      size: item.bytes?.length ?? null,
      sha256: null,
    })),
    ...(autoresponse === null ? {} : { autoresponse_type: autoresponse }),
    errors: [],
  };
}

/** Where a customer's picture is fetched: from us where we hold the bytes, from where it lay where we were told not to reach. */
export function mediaAddress({ sid, bytes, sourceUrl }: MediaItem, publicUrl: string): string {
  return bytes === null && sourceUrl !== null ? sourceUrl : publicUrl + mediaStoragePath + sid;
}

function commonPayload(message: CarrierMessage, account: TelnyxAccount) {
  return {
    record_type: 'message',
    id: message.sid,
    type: message.media.length > 0 ? 'MMS' : 'SMS',
    messaging_profile_id: serviceOf(account, message.from ?? '')?.sid ?? account.messagingProfileId,
    organization_id: account.accountRef,
    cc: [],
    text: message.body,
    subject: null,
    media: message.media.map(({ sourceUrl, contentType }) => ({
      url: sourceUrl,
      content_type: contentType,
      size: null,
      sha256: null,
    })),
    encoding: isPlain(message.body) ? 'GSM-7' : 'UCS-2',
    parts: Math.max(1, message.segments),
    num_chars: message.body.length,
    tags: [],
    received_at: new Date(message.submittedAt).toISOString(),
  };
}

/** Near enough for a label; the parts are counted elsewhere. */
function isPlain(text: string): boolean {
  return /^[\n\r -~£¥èéùìòÇØøÅåÆæßÉ¡ÄÖÑÜ§¿äöñüà€]*$/.test(text);
}
