import type { SendErrorCode } from '../send-error.ts';

/**
 * Twilio's error codes in our vocabulary. Twilio asks callers not to program against codes and splits them now
 * and then, so this is data with a default. Source: twilio.com/docs/api/errors, one page per code.
 */
export const errorMap: Readonly<Record<string, SendErrorCode>> = {
  '20003': 'account_unauthorized',
  '20404': 'rejected',
  '20429': 'throttled',
  '21211': 'recipient_invalid',
  '21212': 'sender_misconfigured',
  '21265': 'recipient_not_textable',
  '21266': 'recipient_not_textable',
  '21268': 'recipient_not_textable',
  '21408': 'destination_disabled',
  '21602': 'message_empty',
  '21603': 'sender_misconfigured',
  '21606': 'unroutable',
  '21608': 'recipient_unverified',
  '21610': 'recipient_opted_out',
  '21611': 'sender_backlogged',
  '21612': 'unroutable',
  '21614': 'recipient_not_textable',
  '21617': 'message_too_long',
  '21620': 'attachment_rejected',
  '21623': 'attachment_rejected',
  '21635': 'recipient_landline',
  '21658': 'message_too_long',
  '21703': 'sender_misconfigured',
  '21704': 'sender_misconfigured',
  '21705': 'sender_misconfigured',
  '30001': 'carrier_congested',
  '30002': 'account_suspended',
  '30003': 'handset_unreachable',
  '30004': 'recipient_blocked',
  '30005': 'recipient_invalid',
  '30006': 'recipient_landline',
  '30007': 'content_filtered',
  '30008': 'carrier_failed',
  '30022': 'carrier_congested',
  '30023': 'carrier_daily_cap',
  '30024': 'sender_not_ready',
  '30032': 'sender_unregistered',
  '30033': 'sender_unregistered',
  '30034': 'sender_unregistered',
  '30035': 'sender_not_ready',
  '30036': 'expired',
  '30037': 'account_suspended',
  '30047': 'outside_permitted_hours',
  '30409': 'too_late_to_cancel',
  '30410': 'delivery_uncertain',
  '30450': 'temporarily_blocked',
  '30453': 'temporarily_blocked',
  '30454': 'temporarily_blocked',
  '30500': 'carrier_failed',
  '63017': 'throttled',
  '63038': 'daily_limit_reached',
};

/** Our code for one of Twilio's; `fallback` for those the table does not know. */
export function errorCode(providerCode: string, fallback: SendErrorCode): SendErrorCode {
  return Object.hasOwn(errorMap, providerCode) ? (errorMap[providerCode] ?? fallback) : fallback;
}
