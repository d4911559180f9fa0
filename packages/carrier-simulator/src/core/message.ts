/** Where a message stands at the carrier; the words are Twilio's (Message resource, `status`). */
export type CarrierStatus =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'undelivered'
  | 'failed'
  | 'canceled'
  | 'received';

/** Who made the message: a client of the API, a TwiML answer, the customer, or the carrier itself (answers to STOP). */
export type MessageOrigin = 'api' | 'reply' | 'inbound' | 'automatic';

const finalStatuses: ReadonlySet<CarrierStatus> = new Set([
  'delivered',
  'undelivered',
  'failed',
  'canceled',
  'received',
]);

export function isFinal(status: CarrierStatus): boolean {
  return finalStatuses.has(status);
}

/** One attempt to tell the client about a status, or the decision not to. */
export interface CallbackPost {
  status: CarrierStatus;
  /** Milliseconds since the epoch at which the request left. */
  at: number;
  durationMs: number;
  /** 1 for the first try of a delivery, 2 and more for redeliveries. */
  attempt: number;
  /** What the receiver answered; null when nothing was answered. */
  httpStatus: number | null;
  error: string | null;
  /** True for the copy an injected fault made. */
  duplicate: boolean;
  /** True when an injected fault swallowed the callback: nothing was posted. */
  dropped: boolean;
}

export interface MediaItem {
  sid: string;
  messageSid: string;
  contentType: string;
  createdAt: number;
  /** Held bytes; null while unfetched, when only a link is known, or once they had to make room. */
  bytes: Buffer | null;
  /** The address the client or the handset named, for media that was not uploaded. */
  sourceUrl: string | null;
}

export interface CarrierMessage {
  /** Counts from 1 in order of arrival; starts again after a reset. */
  sequence: number;
  sid: string;
  accountSid: string;
  origin: MessageOrigin;
  /** Null until the pool of a messaging service has chosen a sender. */
  from: string | null;
  to: string;
  body: string;
  status: CarrierStatus;
  errorCode: number | null;
  errorMessage: string | null;
  messagingServiceSid: string | null;
  segments: number;
  media: MediaItem[];
  /** Everything the client sent, by the client's own names. */
  parameters: Readonly<Record<string, string | string[] | undefined>>;
  statusCallback: string | null;
  /** Milliseconds since the epoch, as all times here. */
  submittedAt: number;
  answeredAt: number | null;
  updatedAt: number;
  sentAt: number | null;
  /** When a scheduled message is to leave; null for the others. */
  sendAt: number | null;
  validitySeconds: number;
  /** Error the delivery is to end with by magic recipient or injected fault; null to be delivered. */
  doom: number | null;
  /** Key under which injected faults are drawn for this message. */
  faultKey: number;
  transitions: { status: CarrierStatus; at: number }[];
  callbacks: CallbackPost[];
  deleted: boolean;
}

/** The customer's number: the other end of the conversation, whichever way the message goes. */
export function customerOf(message: CarrierMessage): string {
  return message.origin === 'inbound' ? (message.from ?? '') : message.to;
}

/** The business number of the conversation; null while a messaging service has not chosen one. */
export function businessOf(message: CarrierMessage): string | null {
  return message.origin === 'inbound' ? message.to : message.from;
}
