import { createHash, randomUUID } from 'node:crypto';
import type { TelnyxAccount } from '../core/account.ts';
import type { StatusReport } from '../core/callback-queue.ts';
import { noReceipt } from '../core/delivery-endings.ts';
import type { OptOutKeyword } from '../core/keywords.ts';
import { isFinal, type CarrierMessage } from '../core/message.ts';
import type { RetryPolicy, WebhookRequest } from '../core/webhook-client.ts';
import { inboundPayload, mediaAddress, outboundPayload } from './message-payload.ts';
import { signWebhook } from './signature.ts';

/** Three tries for each address, and two seconds for each try (developers.telnyx.com, receiving webhooks). */
const policy: RetryPolicy = { retries: 2, on: new Set(['all']), connectTimeoutMs: 2000, readTimeoutMs: 2000 };

/**
 * The webhook Telnyx would post about a status; null for those it keeps to itself. Where no receipt ever comes, the
 * message ends as `delivery_unconfirmed`.
 */
export function statusEvent(report: StatusReport, account: TelnyxAccount): WebhookRequest | null {
  const { message, status } = report;
  const isLast = (isFinal(status) && status !== 'canceled') || message.doom === noReceipt;
  if (status !== 'sent' && !isLast) return null;
  const payload = outboundPayload(message, account, status);
  // The same observation keeps its id, however often it is posted.
  const event = {
    id: idFor(`${message.sid} ${status}`),
    type: isLast ? 'message.finalized' : 'message.sent',
  };
  return chain(webhookAddresses(message, account), account, { ...event, payload });
}

export interface InboundEvent {
  account: TelnyxAccount;
  message: CarrierMessage;
  keyword: OptOutKeyword | null;
  /** Base address under which the client can fetch media from this carrier. */
  publicUrl: string;
}

/** The webhook Telnyx posts when a customer texts one of the account's numbers. */
export function inboundEvent(
  address: string,
  { account, message, keyword, publicUrl }: InboundEvent,
): WebhookRequest {
  const payload = inboundPayload(message, account, {
    autoresponse: keyword?.toUpperCase() ?? null,
    mediaUrl: (item) => mediaAddress(item, publicUrl),
  });
  return signedPost(address, account, { id: randomUUID(), type: 'message.received', payload });
}

/** The message's own addresses, and then the profile's, unless the client said no. */
function webhookAddresses(message: CarrierMessage, account: TelnyxAccount): string[] {
  const own = [message.parameters['webhook_url'], message.parameters['webhook_failover_url']];
  const profile =
    message.parameters['use_profile_webhooks'] === 'false' ? undefined : account.inboundWebhookUrl;
  return [...own, profile]
    .filter((address) => typeof address === 'string')
    .filter((address) => address !== '');
}

interface TelnyxEvent {
  id: string;
  type: string;
  payload: object;
}

function chain(
  addresses: readonly string[],
  account: TelnyxAccount,
  event: TelnyxEvent,
): WebhookRequest | null {
  const [first, ...others] = addresses;
  if (first === undefined) return null;
  const failover = chain(others, account, event);
  return { ...signedPost(first, account, event), ...(failover === null ? {} : { failover }) };
}

function signedPost(address: string, account: TelnyxAccount, event: TelnyxEvent): WebhookRequest {
  const occurredAt = new Date().toISOString();
  const [url = address] = address.split('#', 1);
  const write = (attempt: number) => {
    const body = JSON.stringify({
      data: {
        event_type: event.type,
        id: event.id,
        occurred_at: occurredAt,
        payload: event.payload,
        record_type: 'event',
      },
      meta: { attempt, delivered_to: url },
    });
    const timestamp = String(Math.floor(Date.now() / 1000));
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'telnyx-webhooks',
        'telnyx-timestamp': timestamp,
        'telnyx-signature-ed25519': signWebhook(account.privateKey, timestamp, body),
      },
    };
  };
  return { url, policy, ...write(1), rewrite: write };
}

/** A UUID that is always the same for the same text. */
function idFor(text: string): string {
  const hex = createHash('sha1').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
