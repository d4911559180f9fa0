import type { DeliveryStatus } from '../provider.ts';

/**
 * Every status of a recipient in Telnyx's messages and what it says about ours. Any early status proves that the
 * carrier has the message, which is our "sent"; so does `delivery_unconfirmed`, after which no more is heard.
 * Source: telnyx-node 7.24, OutboundMessagePayload and MessageCancelScheduledResponse.
 */
export const statusMap = {
  scheduled: 'sent',
  queued: 'sent',
  sending: 'sent',
  sent: 'sent',
  delivered: 'delivered',
  delivery_unconfirmed: 'sent',
  delivery_failed: 'undelivered',
  sending_failed: 'failed',
  expired: 'failed',
  cancelled: 'cancelled',
  read: 'delivered',
  // Only ever said of messages coming in.
  received: null,
  webhook_delivered: null,
} as const satisfies Record<string, DeliveryStatus | null>;

const byStatus: ReadonlyMap<string, DeliveryStatus | null> = new Map(Object.entries(statusMap));

/** Null for a status we do not know: keep the observation, change nothing. */
export function deliveryStatus(providerStatus: string): DeliveryStatus | null {
  return byStatus.get(providerStatus) ?? null;
}
