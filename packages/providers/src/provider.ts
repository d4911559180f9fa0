import type { KeywordIntent } from '@threadline/messaging/intent';
import type { HttpClient } from './http-client.ts';
import type { SendErrorCode } from './send-error.ts';

/** One message, frozen in its attempt row before the carrier hears of it. */
export interface SendRequest {
  /** Id of the committed attempt; rides in the callback URL so that a lost answer can still be settled. */
  readonly attemptId: string;
  /** E.164 or short code; null lets the carrier pick from `senderPool`. */
  readonly from: string | null;
  /** E.164. */
  readonly to: string;
  readonly body: string;
  /** The carrier's id of a group of senders, where one is used. */
  readonly senderPool: string | null;
  /** Public URLs the carrier fetches, at most ten. */
  readonly mediaUrls: readonly string[];
  /** Public base of our functions, without a trailing slash. */
  readonly publicWebhookBase: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * What one call to the carrier came to.
 * - accepted: the carrier has it, under this id.
 * - not_sent: certain that it was not taken; the code says whether to try again.
 * - later: certain that it was not taken, and only because of timing.
 * - unknown: it may or may not have been taken. Never a reason to send again.
 */
export type SendOutcome =
  | {
      readonly kind: 'accepted';
      readonly providerMessageId: string;
      readonly providerStatus: string | null;
      /** Null while the carrier has not counted yet. */
      readonly segments: number | null;
      readonly httpStatus: number;
    }
  | {
      readonly kind: 'not_sent' | 'later';
      readonly code: SendErrorCode;
      /** The carrier's own code, as text. */
      readonly providerCode: string | null;
      readonly httpStatus: number | null;
      readonly retryAfterSeconds: number | null;
    }
  | {
      readonly kind: 'unknown';
      readonly code: 'no_answer' | 'unreadable_answer';
      readonly httpStatus: number | null;
    };

/** A webhook as it arrived. `url` is the public address as configured, with the raw query string. */
export interface WebhookRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly rawBody: Uint8Array<ArrayBuffer>;
}

export type SignatureVerdict = 'valid' | 'missing' | 'invalid';

export interface InboundMedia {
  readonly url: string;
  readonly contentType: string | null;
}

/** Where a delivery report moves a message; null keeps the observation and changes nothing. */
export type DeliveryStatus = 'sent' | 'delivered' | 'undelivered' | 'failed' | 'cancelled';

export type WebhookEvent =
  | {
      readonly kind: 'inbound';
      readonly accountRef: string;
      readonly eventKey: string;
      readonly providerMessageId: string;
      readonly from: string;
      readonly to: string;
      readonly body: string;
      readonly segments: number;
      readonly intent: KeywordIntent | null;
      /** The carrier has already answered the keyword, so we must not. */
      readonly carrierReplied: boolean;
      readonly media: readonly InboundMedia[];
      readonly details: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'delivery';
      readonly accountRef: string;
      readonly eventKey: string;
      readonly providerMessageId: string;
      readonly attemptId: string | null;
      readonly providerStatus: string;
      readonly status: DeliveryStatus | null;
      readonly providerCode: string | null;
      readonly code: SendErrorCode | null;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'unrecognized';
      readonly accountRef: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

/** What can be read before anything is proven: only enough to choose the key to check with. */
export type WebhookReading =
  | { readonly ok: true; readonly accountRef: string; readonly event: WebhookEvent }
  | { readonly ok: false; readonly problem: 'content_type' | 'body' };

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string | null;
}

/** One configured account: the only holder of its secrets. */
export interface ProviderAccount {
  readonly provider: string;
  /** The carrier's name for the account, as it appears in webhooks. */
  readonly accountRef: string;
  /** Makes exactly one request. Never throws: whatever happens is an outcome. */
  send(request: SendRequest, http: HttpClient): Promise<SendOutcome>;
  /** Checks the raw request against this account's key(s), in constant time. */
  verify(request: WebhookRequest): Promise<SignatureVerdict>;
  /** Headers for fetching inbound media: credentials for the carrier's own host, nothing for any other. */
  mediaHeaders(url: string): Readonly<Record<string, string>>;
}

/** Everything we know of one carrier. */
export interface Provider {
  readonly name: string;
  /** How the carrier is made to deliver a webhook again after a failure of ours. */
  readonly redelivery: string;
  /** @throws CredentialProblem naming the setting that is wrong; never quotes its value. */
  openAccount(settings: Readonly<Record<string, unknown>>): ProviderAccount;
  /** The address to give the carrier: for a number without an attempt, for one message with it. */
  webhookUrl(publicWebhookBase: string, attemptId?: string): string;
  /** Pure; proves nothing. Use the event only after `verify` said valid. */
  readWebhook(request: WebhookRequest): WebhookReading;
  acknowledge(event: WebhookEvent): WebhookAnswer;
}

/** A setting of an account is missing or malformed. The message names the setting, never its value. */
export class CredentialProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CredentialProblem';
  }
}
