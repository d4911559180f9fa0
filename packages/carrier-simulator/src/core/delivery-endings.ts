export interface DeliveryEnding {
  status: 'undelivered' | 'failed';
  message: string;
}

/**
 * Codes a carrier reports after it took a message (facts: Twilio error dictionary; Telnyx messaging error code
 * reference). `failed` never left the carrier, `undelivered` left and did not arrive.
 */
const endings: Readonly<Record<number, DeliveryEnding>> = {
  11200: { status: 'failed', message: 'HTTP retrieval failure' },
  21610: { status: 'failed', message: 'Attempt to send to unsubscribed recipient' },
  30001: { status: 'failed', message: 'Queue overflow' },
  30002: { status: 'failed', message: 'Account suspended' },
  30003: { status: 'undelivered', message: 'Unreachable destination handset' },
  30004: { status: 'undelivered', message: 'Message blocked' },
  30005: { status: 'undelivered', message: 'Unknown destination handset' },
  30006: { status: 'undelivered', message: 'Landline or unreachable carrier' },
  30007: { status: 'undelivered', message: 'Message filtered' },
  30008: { status: 'undelivered', message: 'Unknown error' },
  30022: { status: 'failed', message: 'US A2P 10DLC - rate limits exceeded' },
  30023: { status: 'failed', message: 'US A2P 10DLC - daily message cap reached' },
  30024: { status: 'failed', message: 'Numeric sender ID not provisioned on carrier' },
  30032: { status: 'undelivered', message: 'Toll-free number has not been verified' },
  30033: { status: 'failed', message: 'US A2P 10DLC - campaign suspended' },
  30034: { status: 'undelivered', message: 'US A2P 10DLC - message from an unregistered number' },
  30035: { status: 'failed', message: 'US A2P 10DLC - message from a number still being configured' },
  30036: { status: 'failed', message: 'Validity period expired' },
  30037: { status: 'failed', message: 'Outbound messaging disabled' },
  30047: { status: 'failed', message: 'Failed to schedule message for a compliant time window' },
  30410: { status: 'failed', message: 'Provider timeout' },
  30450: { status: 'failed', message: 'Message delivery blocked by fraud protection' },
  30453: { status: 'failed', message: 'Message could not be delivered' },
  30454: { status: 'failed', message: 'Destination limit reached' },
  30500: { status: 'failed', message: 'Internal error' },
  40001: { status: 'undelivered', message: 'Not routable' },
  40002: { status: 'undelivered', message: 'Blocked as spam - temporary' },
  40003: { status: 'undelivered', message: 'Blocked as spam - permanent' },
  40004: { status: 'undelivered', message: 'Rejected by destination' },
  40005: { status: 'undelivered', message: 'Message expired during transmission' },
  40006: { status: 'undelivered', message: 'Recipient server unavailable' },
  40008: { status: 'undelivered', message: 'Undeliverable' },
  40010: { status: 'failed', message: 'Message not sent: number is not 10DLC registered' },
  40011: { status: 'failed', message: 'Too many requests' },
  40012: { status: 'undelivered', message: 'Invalid messaging destination number' },
  40013: { status: 'failed', message: 'Invalid messaging source number' },
  40014: { status: 'failed', message: 'Message expired in queue' },
  40015: { status: 'failed', message: 'Blocked as spam - internal' },
  40016: { status: 'failed', message: 'T-Mobile 10DLC sending limit reached' },
  40017: { status: 'undelivered', message: 'AT&T 10DLC spam message rejected' },
  40018: { status: 'failed', message: 'AT&T 10DLC sending limit reached' },
};

export function endingFor(code: number): DeliveryEnding {
  return endings[code] ?? { status: 'undelivered', message: 'Unknown error' };
}

/** Codes in the 30000s are told by callback, save 30409, which refuses a cancel; Telnyx's are the first of the 40000s. */
export function isDeliveryCode(code: number): boolean {
  return code in endings ? code >= 30_000 : code >= 30_000 && code < 31_000 && code !== 30_409;
}

/** No receipt ever comes: the message stays `sent`. */
export const noReceipt = 0;

/**
 * Numbers of our own that end as told: fictional Wyoming numbers, +1 307 555 01xx, which no subscriber has and few
 * tests pick by chance.
 */
export const magicRecipients: readonly { phoneNumber: string; code: number; meaning: string }[] = [
  { phoneNumber: '+13075550102', code: noReceipt, meaning: 'Sent, and no receipt ever comes' },
  { phoneNumber: '+13075550103', code: 30003, meaning: 'Phone is off or out of reach' },
  { phoneNumber: '+13075550104', code: 30004, meaning: 'Blocked by the recipient or carrier' },
  { phoneNumber: '+13075550105', code: 30005, meaning: 'Number is not in service' },
  { phoneNumber: '+13075550106', code: 30006, meaning: 'Landline' },
  { phoneNumber: '+13075550107', code: 30007, meaning: 'Filtered as spam' },
  { phoneNumber: '+13075550108', code: 30008, meaning: 'Carrier gives no reason' },
  { phoneNumber: '+13075550134', code: 30034, meaning: 'Sender is not registered for US texting' },
];

const doomed = new Map(magicRecipients.map(({ phoneNumber, code }) => [phoneNumber, code]));

/** The error a recipient's messages end with; null for everybody else. */
export function doomOf(recipient: string): number | null {
  return doomed.get(recipient) ?? null;
}
