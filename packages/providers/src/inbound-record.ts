import type { InboundEvent, ProviderAccount } from './provider.ts';
import { storableFields } from './storable.ts';

/** A customer's text in the words of the SQL that takes it. */
export type InboundRecord = Readonly<Record<string, unknown>>;

/** One shape for what a webhook brings and what is found in a log: they must be taken for the same text. */
export function inboundRecord(
  account: Pick<ProviderAccount, 'provider' | 'accountRef'>,
  event: InboundEvent,
): InboundRecord {
  return storableFields({
    provider: account.provider,
    account_ref: account.accountRef,
    event_key: event.eventKey,
    provider_message_id: event.providerMessageId,
    from: event.from,
    to: event.to,
    body: event.body,
    segments: event.segments,
    intent: event.intent,
    carrier_replied: event.carrierReplied,
    media: event.media.map((item) => ({ url: item.url, content_type: item.contentType })),
    details: event.details,
  });
}
