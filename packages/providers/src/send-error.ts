/**
 * Why a message was not sent or not delivered, in our words. The list is closed: adapters translate carrier
 * codes into it by table, and everything else (retry, alarm, what the agent reads) follows from the entry.
 */
export type SendErrorClass = 'retryable' | 'permanent' | 'opted_out' | 'account';

export interface SendErrorFacts {
  readonly class: SendErrorClass;
  /** May the same message be offered to the carrier again without a person deciding so? */
  readonly retryable: boolean;
  /** True when waiting is all there is to it: the refusal says nothing about this message. */
  readonly later: boolean;
  /** Worth an operator's attention now. */
  readonly alert: boolean;
  /** Shortest sensible wait before the next try, in seconds; null leaves it to the retry policy. */
  readonly waitSeconds: number | null;
  /** What the agent reads. Never carries a number or the carrier's own wording. */
  readonly userText: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function retryable(userText: string, waitSeconds: number | null = null): SendErrorFacts {
  return { class: 'retryable', retryable: true, later: false, alert: false, waitSeconds, userText };
}

function later(userText: string, waitSeconds: number | null = null): SendErrorFacts {
  return { class: 'retryable', retryable: true, later: true, alert: false, waitSeconds, userText };
}

function permanent(userText: string): SendErrorFacts {
  return { class: 'permanent', retryable: false, later: false, alert: false, waitSeconds: null, userText };
}

function account(userText: string): SendErrorFacts {
  return { class: 'account', retryable: false, later: false, alert: true, waitSeconds: null, userText };
}

export const sendErrors = {
  throttled: later('The carrier is slowing us down. This will be sent shortly.'),
  sender_backlogged: later('The sending number is backed up. This will be sent later.', 10 * MINUTE),
  // A rolling 24-hour limit: a short back-off would only collect refusals.
  daily_limit_reached: {
    class: 'account',
    retryable: true,
    later: true,
    alert: true,
    waitSeconds: HOUR,
    userText: 'The daily limit of the carrier account is reached.',
  },
  provider_unreachable: retryable('The carrier could not be reached. This will be tried again.'),
  stopped_before_sending: retryable('Sending was interrupted before it began. This will be tried again.'),
  attachment_unavailable: retryable('The attachment could not be prepared. This will be tried again.'),

  recipient_opted_out: {
    class: 'opted_out',
    retryable: false,
    later: false,
    alert: false,
    waitSeconds: null,
    userText: 'This person has opted out.',
  },
  recipient_invalid: permanent('The phone number is not valid or not in service.'),
  recipient_not_textable: permanent('This kind of number cannot be texted.'),
  recipient_landline: permanent('This is a landline or an unsupported carrier: it cannot be texted.'),
  recipient_blocked: permanent('The carrier blocks texts to this number.'),
  recipient_unverified: account('The carrier account may only text verified numbers.'),
  destination_disabled: account('Texting to this country is switched off at the carrier.'),
  unroutable: permanent('This number cannot be reached from this sender.'),
  message_empty: permanent('The message is empty.'),
  message_too_long: permanent('The message is too long.'),
  attachment_rejected: permanent('The carrier does not take this attachment.'),
  rejected: permanent('The carrier refused this message.'),
  schedule_not_possible: permanent('The carrier cannot hold this message until that time.'),
  too_late_to_cancel: permanent('It is too late to cancel this message.'),

  account_unauthorized: account('Sign-in at the carrier failed. An admin must fix the credentials.'),
  account_suspended: account('The carrier account is suspended or may not send.'),
  sender_misconfigured: account('The sending number is not set up correctly at the carrier.'),
  sender_unregistered: account('The sending number is not registered for this kind of texting.'),
  credentials_missing: account('No credentials are configured for this number’s carrier account.'),

  handset_unreachable: retryable('The phone is off or out of reach.', 4 * HOUR),
  content_filtered: permanent('The carrier filtered this message. Change the wording.'),
  carrier_failed: retryable('The carrier gave no reason.', 5 * MINUTE),
  carrier_congested: retryable('The carrier could not take the message at this rate.', 5 * MINUTE),
  carrier_daily_cap: retryable('The carrier’s daily limit for this sender is reached.', DAY),
  sender_not_ready: retryable('The sending number is still being set up at the carrier.', DAY),
  temporarily_blocked: retryable('The carrier blocks this destination for the moment.', 30 * MINUTE),
  outside_permitted_hours: retryable('The carrier held this back outside permitted hours.', HOUR),
  expired: permanent('The message was not sent in time.'),
  delivery_uncertain: permanent('Delivery is uncertain. Check before sending again.'),

  no_answer: permanent('The carrier did not answer. It is not known whether this was sent.'),
  unreadable_answer: permanent(
    'The carrier’s answer could not be read. It is not known whether this was sent.',
  ),
} as const satisfies Record<string, SendErrorFacts>;

export type SendErrorCode = keyof typeof sendErrors;

/** Facts of a code, with the widened type that lets a caller compare fields freely. */
export function sendErrorFacts(code: SendErrorCode): SendErrorFacts {
  return sendErrors[code];
}

/** How often a message the carrier took, and then reported as not delivered, may go out again by itself. */
export interface ReportRetry {
  readonly afterSeconds: number;
  /** In a row: the message that goes out again counts from where the first left off. */
  readonly times: number;
}

/**
 * Reasons that pass by themselves. Everything else is over with the report: a retry would be refused again, hurt
 * the sender's standing, or (`delivery_uncertain`) risk a double.
 */
const reportRetries: Partial<Readonly<Record<SendErrorCode, ReportRetry>>> = {
  throttled: { afterSeconds: MINUTE, times: 2 },
  carrier_congested: { afterSeconds: 5 * MINUTE, times: 2 },
  carrier_failed: { afterSeconds: 5 * MINUTE, times: 1 },
  // Never a reason to stop texting somebody: phones are off.
  handset_unreachable: { afterSeconds: 4 * HOUR, times: 2 },
  carrier_daily_cap: { afterSeconds: DAY, times: 1 },
  sender_not_ready: { afterSeconds: DAY, times: 1 },
  temporarily_blocked: { afterSeconds: 30 * MINUTE, times: 1 },
  outside_permitted_hours: { afterSeconds: HOUR, times: 1 },
};

/** Whether and when a message may go out again after a delivery report with this code; null: not by itself. */
export function reportRetry(code: SendErrorCode): ReportRetry | null {
  return reportRetries[code] ?? null;
}
