import { isDeliveryCode } from '../core/delivery-endings.ts';

/** HTTP status and text of each refusal of the API (facts: Twilio error dictionary). 400 unless said. */
const refusals: Readonly<Record<number, { status?: number; message: string }>> = {
  20001: { message: 'Invalid parameter' },
  20003: { status: 401, message: 'Authenticate' },
  20004: { status: 405, message: 'Method not allowed' },
  20009: { status: 409, message: 'Cannot delete message because delivery has not been completed.' },
  20404: { status: 404, message: 'The requested resource was not found' },
  20429: { status: 429, message: 'Too Many Requests' },
  20500: { status: 500, message: 'Internal Server Error' },
  20503: { status: 503, message: 'Service unavailable' },
  21211: { message: "Invalid 'To' Phone Number" },
  21212: { message: "Invalid 'From' Phone Number" },
  21265: { message: "'To' number cannot be a Short Code" },
  21266: { message: "'To' and 'From' number cannot be the same" },
  21268: { message: 'Permission to send an SMS to premium numbers has not been enabled' },
  21408: {
    status: 403,
    message: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
  },
  21602: { message: 'Message body is required.' },
  21603: { message: "A 'From' phone number is required." },
  21604: { message: "A 'To' phone number is required." },
  21606: {
    message: "The 'From' phone number provided is not a valid, message-capable number for this account",
  },
  21608: {
    status: 403,
    message: "The 'To' number is unverified. Trial accounts cannot send messages to unverified numbers",
  },
  21609: { message: "The 'StatusCallback' URL is not a valid URL" },
  21610: { message: 'Attempt to send to unsubscribed recipient' },
  21611: { message: "This 'From' number has exceeded the maximum number of queued messages" },
  21612: { message: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters" },
  21614: { message: "'To' number is not a valid mobile number" },
  21617: { message: 'The concatenated message body exceeds the 1600 character limit' },
  21620: { message: 'Invalid media URL(s)' },
  21623: { message: 'Number of media files exceeds allowed limit' },
  21624: { message: 'Invalid validity period value' },
  21635: { message: "'To' number cannot be a landline" },
  21658: { message: 'Parameter exceeds maximum length' },
  21703: { message: 'The Messaging Service does not have a phone number available to send a message' },
  21704: { message: 'The Messaging Service contains no phone numbers' },
  21705: { message: 'The Messaging Service Sid is invalid' },
  30409: { message: 'This message cannot be canceled' },
  35111: { message: 'SendAt timestamp is missing' },
  35114: { message: 'SendAt time must be more than 300 seconds in the future' },
  35115: { message: 'SendAt must be an ISO 8601 timestamp in UTC' },
  35117: { message: 'SendAt time must be no more than 35 days in the future' },
  35118: { message: 'MessagingServiceSid is required to schedule a message' },
  63017: { status: 429, message: 'Channel rate limit exceeded' },
  63038: { status: 429, message: 'Account exceeded the daily messages limit' },
};

/** A refusal in Twilio's classic error shape. */
export interface TwilioRefusal {
  status: number;
  code: number;
  message: string;
}

/** @param detail replaces the general text where Twilio names the parameter */
export function refusal(code: number, detail?: string): TwilioRefusal {
  const known = refusals[code];
  return { status: known?.status ?? 400, code, message: detail ?? known?.message ?? 'Bad request' };
}

/** Whether an injected error answers the create, rather than ending the delivery later. */
export function refusesCreate(code: number): boolean {
  return code in refusals || !isDeliveryCode(code);
}

export function refusalBody({ status, code, message }: TwilioRefusal): string {
  return JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}
