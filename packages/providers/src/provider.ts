import type { KeywordIntent } from '@threadline/messaging/intent';
import type { HttpClient } from './http-client.ts';
import type { SendErrorCode } from './send-error.ts';

/** The time in milliseconds since the epoch; injected, so that a test may say what time it is. */
export type Clock = () => number;

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
  /**
   * Leaves the waiting to the carrier, until this moment. Null or absent: now. A moment outside the carrier's window,
   * or a message it cannot schedule, is `not_sent` with the code `schedule_not_possible`, and the carrier is not asked.
   */
  readonly scheduleAt?: Date | null;
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

/** What is known of an attempt whose outcome is not; enough to find its message at the carrier. */
export interface LookUpRequest {
  readonly attemptId: string;
  readonly from: string | null;
  readonly to: string;
  readonly senderPool: string | null;
  /** SHA-256 of the text in UTF-8, as 64 hexadecimal digits. */
  readonly bodySha256: string;
  readonly startedAt: Date;
  /** Milliseconds the attempt waited for its answer; the message was made within this time, give or take the clocks. */
  readonly timeoutMs: number;
  /** Messages of the carrier that belong to other attempts. */
  readonly knownProviderMessageIds: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/**
 * What the carrier's own log says of an attempt.
 * - found: exactly one message fits.
 * - none: nothing fits yet. No proof that nothing was sent: logs lag.
 * - ambiguous: more than one message fits, and only a person can tell which.
 * - failed: the log could not be read to its end. Asking again does no harm.
 */
export type LookUpOutcome =
  | {
      readonly kind: 'found';
      readonly providerMessageId: string;
      readonly providerStatus: string | null;
      /** Where the message stands; null for a status we do not know. */
      readonly status: DeliveryStatus | null;
      readonly segments: number | null;
      readonly providerCode: string | null;
      readonly code: SendErrorCode | null;
    }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  | RequestFailure;

/** A request that may be repeated without harm did not do its work. */
export interface RequestFailure {
  readonly kind: 'failed';
  readonly code: SendErrorCode;
  readonly httpStatus: number | null;
  /** Shortest sensible wait before asking again, in seconds; null leaves it to the caller. */
  readonly retryAfterSeconds: number | null;
}

export interface StatusRequest {
  readonly providerMessageId: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Where the carrier says a message stands.
 * - known: its status, and our word for it; null for a status we do not know.
 * - gone: the carrier keeps no such message, or no longer. Nothing more will be heard of it.
 * - failed: not read. Asking again does no harm.
 */
export type StatusOutcome =
  | {
      readonly kind: 'known';
      readonly providerStatus: string;
      readonly status: DeliveryStatus | null;
      readonly providerCode: string | null;
      readonly code: SendErrorCode | null;
    }
  | { readonly kind: 'gone' }
  | RequestFailure;

export interface CancelRequest {
  readonly providerMessageId: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * What became of the wish to cancel a message that waits at the carrier.
 * - cancelled: it will not go out.
 * - refused: it will not be cancelled. `too_late_to_cancel` is also the answer to cancelling a second time, so after a
 *   `failed` it may mean that the first time worked; the message's status (`readStatus`) tells.
 * - failed: not known; asking again does no harm.
 */
export type CancelOutcome =
  | { readonly kind: 'cancelled'; readonly providerStatus: string | null; readonly httpStatus: number }
  | {
      readonly kind: 'refused';
      readonly code: SendErrorCode;
      readonly providerCode: string | null;
      readonly httpStatus: number;
    }
  | RequestFailure;

export interface InboundListRequest {
  /** Our number. */
  readonly to: string;
  /** Texts the carrier took from this moment on, and before `until`. */
  readonly since: Date;
  readonly until: Date;
  /** Null for the first page, then what the page before said. */
  readonly page: string | null;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A customer's text in the carrier's log. */
export interface LoggedText {
  readonly providerMessageId: string;
  /** When the carrier took it. */
  readonly sentAt: Date;
  /** Null where the list does not tell all of it, and `readInbound` is to be asked. */
  readonly event: InboundEvent | null;
}

/**
 * One page of the texts to a number, in any order; one that moves while it is read may be on two pages.
 * - page: `next` is null on the last.
 * - failed: not read. Asking again does no harm.
 */
export type InboundListOutcome =
  | { readonly kind: 'page'; readonly texts: readonly LoggedText[]; readonly next: string | null }
  | RequestFailure;

export interface InboundReadRequest {
  readonly providerMessageId: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * One customer's text as the carrier keeps it.
 * - gone: the carrier keeps no such text, or no longer.
 * - failed: not read. Asking again does no harm.
 */
export type InboundReadOutcome =
  { readonly kind: 'read'; readonly event: InboundEvent } | { readonly kind: 'gone' } | RequestFailure;

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

/** A customer's text. */
export interface InboundEvent {
  readonly kind: 'inbound';
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

export type WebhookEvent =
  | InboundEvent
  | {
      readonly kind: 'delivery';
      readonly eventKey: string;
      readonly providerMessageId: string;
      /** Null until `openWebhook` has made sure of it: a webhook that was only read names no attempt. */
      readonly attemptId: string | null;
      readonly providerStatus: string;
      readonly status: DeliveryStatus | null;
      readonly providerCode: string | null;
      readonly code: SendErrorCode | null;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'unrecognized';
      readonly details: Readonly<Record<string, unknown>>;
    };

/** What can be read before anything is proven: enough to choose the keys to check with, and the event if one fits. */
export type WebhookReading =
  | {
      readonly ok: true;
      /** The account named in the webhook; null where the carrier names none, and every key is to be tried. */
      readonly accountRef: string | null;
      /** The carrier's id of the group of senders concerned, where it names one. */
      readonly senderPool: string | null;
      readonly event: WebhookEvent;
    }
  | { readonly ok: false; readonly problem: 'content_type' | 'body' };

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string | null;
}

/** One configured account: the only holder of its secrets. */
export interface ProviderAccount {
  readonly provider: string;
  /** What the account is called in `provider_accounts.account_ref`. */
  readonly accountRef: string;
  /** The group of senders the account is for, where accounts that share a key are told apart by it. */
  readonly senderPool: string | null;
  /** Makes exactly one request, or none. Never throws: whatever happens is an outcome. */
  send(request: SendRequest, http: HttpClient): Promise<SendOutcome>;
  /** Searches the carrier's log, as many requests as it takes. Never throws, never sends, changes nothing. */
  lookUp(request: LookUpRequest, http: HttpClient): Promise<LookUpOutcome>;
  /** Asks where one message stands, by one request. Never throws, changes nothing. */
  readStatus(request: StatusRequest, http: HttpClient): Promise<StatusOutcome>;
  /** A page of the texts that customers sent to one of our numbers, by one request. Never throws, changes nothing. */
  listInbound(request: InboundListRequest, http: HttpClient): Promise<InboundListOutcome>;
  /** One of these texts with all that belongs to it, by one request or two. Never throws, changes nothing. */
  readInbound(request: InboundReadRequest, http: HttpClient): Promise<InboundReadOutcome>;
  /** Cancels a message sent with `scheduleAt`, by one request. Never throws. */
  cancelScheduled(request: CancelRequest, http: HttpClient): Promise<CancelOutcome>;
  /** Checks the raw request against this account's key(s), in constant time. */
  verify(request: WebhookRequest): Promise<SignatureVerdict>;
  /** The attempt a delivery report speaks of, when this account can vouch for it. Call after `verify` said valid. */
  attemptOf(request: WebhookRequest): Promise<string | null>;
  /** Headers for fetching inbound media: credentials for the carrier's own host, nothing for any other. */
  mediaHeaders(url: string): Readonly<Record<string, string>>;
}

/** Everything we know of one carrier. */
export interface Provider {
  readonly name: string;
  /** How the carrier is made to deliver a webhook again after a failure of ours. */
  readonly redelivery: string;
  /** @throws CredentialProblem naming the setting that is wrong; never quotes its value. */
  openAccount(settings: Readonly<Record<string, unknown>>, now?: Clock): ProviderAccount;
  /** The address to give the carrier once, for texts of customers. */
  webhookUrl(publicWebhookBase: string): string;
  /** Pure; proves nothing. `openWebhook` is what to use. */
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
