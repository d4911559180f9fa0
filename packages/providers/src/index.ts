import { parseProviderCredentials as parseWith } from './credentials.ts';
import type { Clock, Provider, ProviderAccount } from './provider.ts';
import { telnyx } from './telnyx/index.ts';
import { twilio } from './twilio/index.ts';

export { HttpFailure } from './http-client.ts';
export type { HttpClient, HttpFailureReason, HttpReply, HttpRequest } from './http-client.ts';
export { inboundRecord } from './inbound-record.ts';
export type { InboundRecord } from './inbound-record.ts';
export { openWebhook } from './open-webhook.ts';
export type { OpenedWebhook } from './open-webhook.ts';
export { CredentialProblem } from './provider.ts';
export type {
  CancelOutcome,
  CancelRequest,
  Clock,
  DeliveryStatus,
  InboundEvent,
  InboundListOutcome,
  InboundListRequest,
  InboundMedia,
  InboundReadOutcome,
  InboundReadRequest,
  LoggedText,
  LookUpOutcome,
  LookUpRequest,
  Provider,
  ProviderAccount,
  RequestFailure,
  SendOutcome,
  SendRequest,
  SignatureVerdict,
  StatusOutcome,
  StatusRequest,
  WebhookAnswer,
  WebhookEvent,
  WebhookReading,
  WebhookRequest,
} from './provider.ts';
export { reportRetry, sendErrorFacts, sendErrors } from './send-error.ts';
export type { ReportRetry, SendErrorClass, SendErrorCode, SendErrorFacts } from './send-error.ts';
export { storableFields } from './storable.ts';
export { WEBHOOK_FUNCTION, webhookAddress } from './webhook-url.ts';

/** Every carrier we speak, by the name used in configuration and in webhook paths. */
export const providers: Readonly<Record<string, Provider>> = {
  [twilio.name]: twilio,
  [telnyx.name]: telnyx,
};

/** The provider of that name, or undefined. Safe with names taken from a URL. */
export function findProvider(name: string): Provider | undefined {
  return Object.hasOwn(providers, name) ? providers[name] : undefined;
}

/** @throws CredentialProblem naming the entry and the setting, never a value. */
export function parseProviderCredentials(text: string, now?: Clock): ReadonlyMap<string, ProviderAccount> {
  return parseWith(text, providers, now);
}
