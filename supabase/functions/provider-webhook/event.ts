import { inboundRecord, reportRetry, sendErrorFacts, storableFields } from '@threadline/providers';
import type { ProviderAccount, WebhookEvent } from '@threadline/providers';

type AccountName = Pick<ProviderAccount, 'provider' | 'accountRef'>;

/** A call of the one SQL function that takes an event of this kind; null for events we know nothing about. */
export interface EventCall {
  readonly functionName: 'ingest_inbound_message' | 'apply_delivery_report';
  readonly parameters: { readonly p_event: Readonly<Record<string, unknown>> };
}

export function eventCall(account: AccountName, event: WebhookEvent): EventCall | null {
  switch (event.kind) {
    case 'inbound':
      return {
        functionName: 'ingest_inbound_message',
        parameters: { p_event: inboundRecord(account, event) },
      };
    case 'delivery':
      return {
        functionName: 'apply_delivery_report',
        parameters: { p_event: storableFields(deliveryEvent(account, event)) },
      };
    case 'unrecognized':
      return null;
  }
}

function deliveryEvent(
  account: AccountName,
  event: WebhookEvent & { kind: 'delivery' },
): Record<string, unknown> {
  const facts = event.code === null ? null : sendErrorFacts(event.code);
  const retry = event.code === null ? null : reportRetry(event.code);
  return {
    provider: account.provider,
    account_ref: account.accountRef,
    event_key: event.eventKey,
    provider_message_id: event.providerMessageId,
    attempt_id: event.attemptId,
    provider_status: event.providerStatus,
    status: event.status,
    error_code: event.providerCode,
    error_class: facts?.class ?? null,
    error_text: facts?.userText ?? null,
    retry: retry === null ? null : { after_seconds: retry.afterSeconds, times: retry.times },
    details: event.details,
  };
}

/** What the SQL function made of an event. */
export interface EventResult {
  readonly outcome: 'processed' | 'duplicate' | 'ignored' | 'failed';
  readonly reason: string | null;
  /** The failure may pass: the carrier is asked to come again. */
  readonly retry: boolean;
}

/** Null when the answer is not one we know, which is as good as no answer. */
export function parseEventResult(answer: unknown): EventResult | null {
  if (typeof answer !== 'object' || answer === null || !('outcome' in answer)) return null;
  const { outcome } = answer;
  if (outcome !== 'processed' && outcome !== 'duplicate' && outcome !== 'ignored' && outcome !== 'failed')
    return null;
  const reason = 'reason' in answer && typeof answer.reason === 'string' ? answer.reason : null;
  return { outcome, reason, retry: 'retry' in answer && answer.retry === true };
}
