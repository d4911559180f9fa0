import { isJsonObject, listOf, readCode, textOf } from '../json.ts';
import type { SendErrorCode } from '../send-error.ts';

/**
 * Telnyx's error codes in our vocabulary: 1xxxx and 2xxxx refuse a request, 40001 to 40018 come back with a delivery,
 * 403xx mostly refuse a create. What the table does not know is shown and never sent again by itself.
 * Source: developers.telnyx.com, "API error codes" and "Messaging error code reference".
 */
export const errorMap: Readonly<Record<string, SendErrorCode>> = {
  '10001': 'sender_misconfigured',
  '10002': 'recipient_invalid',
  '10009': 'account_unauthorized',
  '10010': 'account_unauthorized',
  '10011': 'throttled',
  '10016': 'recipient_invalid',
  '20002': 'account_unauthorized',
  '20006': 'account_unauthorized',
  '20012': 'account_suspended',
  '20013': 'account_suspended',
  '20014': 'account_suspended',
  '20015': 'account_suspended',
  '20016': 'account_suspended',
  '20017': 'account_suspended',
  '20100': 'account_suspended',
  '40001': 'recipient_landline',
  '40002': 'temporarily_blocked',
  '40003': 'content_filtered',
  '40004': 'carrier_failed',
  '40005': 'expired',
  '40006': 'carrier_failed',
  '40008': 'carrier_failed',
  '40009': 'rejected',
  '40010': 'sender_unregistered',
  '40011': 'carrier_congested',
  '40012': 'recipient_invalid',
  '40013': 'sender_misconfigured',
  '40014': 'expired',
  '40015': 'content_filtered',
  '40016': 'carrier_daily_cap',
  '40017': 'content_filtered',
  '40018': 'carrier_congested',
  '40100': 'sender_misconfigured',
  '40300': 'recipient_blocked',
  '40301': 'recipient_not_textable',
  '40302': 'message_too_long',
  '40305': 'sender_misconfigured',
  '40306': 'sender_misconfigured',
  '40308': 'sender_misconfigured',
  '40309': 'destination_disabled',
  '40310': 'recipient_invalid',
  '40312': 'sender_misconfigured',
  '40314': 'account_suspended',
  '40315': 'sender_misconfigured',
  '40316': 'message_empty',
  '40317': 'attachment_rejected',
  '40318': 'sender_backlogged',
  '40319': 'recipient_not_textable',
  '40320': 'sender_misconfigured',
  '40321': 'sender_misconfigured',
  '40322': 'content_filtered',
  '40328': 'message_too_long',
  '40329': 'sender_unregistered',
};

/** One of Telnyx's error objects, as far as it is read. */
export interface TelnyxError {
  readonly code: string | null;
  /** Title and detail. */
  readonly text: string;
}

/** The first of an `errors` list; null when there is none. */
export function readError(errors: unknown): TelnyxError | null {
  const [error] = listOf(errors);
  if (!isJsonObject(error)) return null;
  const text = [textOf(error['title']), textOf(error['detail'])].filter((part) => part !== null).join(' ');
  return { code: readCode(error['code']), text };
}

/**
 * 40300 is how Telnyx says that a person opted out, but not all it says so: the code has come with other titles, and
 * a block for another reason must not put anybody on the list of those who opted out. The one place where text counts.
 * Source: developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out: "Blocked due to STOP message", "existing
 * block rule".
 */
const optOutText = /\bSTOP\b|block rule/i;

/** Our code for one of Telnyx's; `fallback` for those the table does not know. */
export function errorCode(error: TelnyxError, fallback: SendErrorCode): SendErrorCode {
  const { code, text } = error;
  if (code === null || !Object.hasOwn(errorMap, code)) return fallback;
  if (code === '40300' && optOutText.test(text)) return 'recipient_opted_out';
  return errorMap[code] ?? fallback;
}
