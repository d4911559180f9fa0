import type { CarrierCore } from '../core/carrier-core.ts';
import { businessOf, customerOf, type CarrierMessage } from '../core/message.ts';
import { mediaStoragePath } from '../media-storage.ts';

/** Bubbles shown of one conversation; older ones stay in the log. */
const longestConversation = 200;

/** Phones offered for picking. */
const mostPhones = 30;

export interface Bubble {
  sid: string;
  business: string | null;
  /** Seen from the phone: `mine` was typed here, `theirs` came from the business, `carrier` from the network itself. */
  side: 'mine' | 'theirs' | 'carrier';
  body: string;
  media: { url: string; contentType: string }[];
  at: number;
  status: string;
  errorCode: number | null;
  errorMessage: string | null;
  /** For `mine`: whether the business has been told. */
  settled: boolean;
  /** For `mine`: what its webhook answered; 0 for no answer, null when it has no webhook. */
  webhookStatus: number | null;
}

export interface PhoneSummary {
  phoneNumber: string;
  business: string | null;
  preview: string;
  at: number;
}

export function bubble(message: CarrierMessage): Bubble {
  return {
    sid: message.sid,
    business: businessOf(message),
    side: message.origin === 'inbound' ? 'mine' : message.origin === 'automatic' ? 'carrier' : 'theirs',
    body: message.body,
    media: message.media.map(({ sid, contentType, bytes, sourceUrl }) => ({
      url: bytes === null && sourceUrl !== null ? sourceUrl : mediaStoragePath + sid,
      contentType,
    })),
    at: message.submittedAt,
    status: message.status,
    errorCode: message.errorCode,
    errorMessage: message.errorMessage,
    settled: message.answeredAt !== null,
    webhookStatus: message.callbacks.length === 0 ? null : (message.callbacks.at(-1)?.httpStatus ?? 0),
  };
}

/** What the phone and the business said to each other, oldest first. */
export function conversation(core: CarrierCore, phone: string, business: string): Bubble[] {
  return core.log
    .conversation(phone)
    .filter((message) => isShown(message) && businessOf(message) === business)
    .slice(-longestConversation)
    .map(bubble);
}

/** Scheduled messages have not left the carrier, cancelled ones never will. */
export function isShown(message: CarrierMessage): boolean {
  return message.status !== 'scheduled' && message.status !== 'canceled';
}

/** The phones that wrote or were written to last. */
export function recentPhones(core: CarrierCore): PhoneSummary[] {
  return core.log.recentCustomers(mostPhones).flatMap((phoneNumber) => {
    const message = core.log.conversation(phoneNumber).findLast(isShown);
    return message && customerOf(message) === phoneNumber ? [summarize(message)] : [];
  });
}

export function summarize(message: CarrierMessage): PhoneSummary {
  const preview = message.body === '' && message.media.length > 0 ? 'Picture' : message.body.slice(0, 80);
  return {
    phoneNumber: customerOf(message),
    business: businessOf(message),
    preview: message.origin === 'inbound' ? `You: ${preview}` : preview,
    at: message.submittedAt,
  };
}
