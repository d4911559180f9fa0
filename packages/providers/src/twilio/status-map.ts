import type { DeliveryStatus } from '../provider.ts';

/**
 * Every value of Twilio's message status and what it says about ours. Any early status proves that the carrier
 * has the message, which is our "sent"; that is what settles an attempt whose answer was lost.
 * Source: status enum of twilio-oai (Messages resource).
 */
export const statusMap = {
  accepted: 'sent',
  scheduled: 'sent',
  queued: 'sent',
  sending: 'sent',
  sent: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  canceled: 'cancelled',
  read: 'delivered',
  partially_delivered: 'sent',
  // Only ever said of messages coming in.
  receiving: null,
  received: null,
} as const satisfies Record<string, DeliveryStatus | null>;

const byStatus: ReadonlyMap<string, DeliveryStatus | null> = new Map(Object.entries(statusMap));

/** Null for a status we do not know: keep the observation, change nothing. */
export function deliveryStatus(providerStatus: string): DeliveryStatus | null {
  return byStatus.get(providerStatus) ?? null;
}
