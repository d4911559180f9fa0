import { endingFor, isDeliveryCode } from '../core/delivery-endings.ts';

/**
 * HTTP status, title and detail of each refusal of the API (facts: Telnyx API error codes, messaging error code
 * reference; Telnyx documents no status for the 403xx). 400 unless said.
 */
const refusals: Readonly<Record<number, { status?: number; title: string; detail: string }>> = {
  10004: { title: 'Missing required parameter', detail: 'A required parameter was missing.' },
  10005: {
    status: 404,
    title: 'Resource not found',
    detail: 'The requested resource or URL could not be found.',
  },
  10007: { status: 500, title: 'Unexpected error', detail: 'An unexpected error occured.' },
  10009: {
    status: 401,
    title: 'Authentication failed',
    detail: 'The required authentication headers were either invalid or not included in the request.',
  },
  10010: {
    status: 403,
    title: 'Authorization failed',
    detail: 'You do not have permission to perform the requested action.',
  },
  10011: {
    status: 429,
    title: 'Too many requests',
    detail: 'You have exceeded the maximum number of allowed requests.',
  },
  10015: { title: 'Bad Request', detail: 'The request failed because it was not well-formed.' },
  10023: { title: 'Invalid JSON', detail: 'The supplied JSON is not valid.' },
  20012: { status: 403, title: 'Account inactive', detail: 'The account is inactive.' },
  20100: { status: 403, title: 'Insufficient Funds', detail: 'The account has insufficient funds.' },
  40300: {
    status: 403,
    title: 'Blocked due to STOP message',
    detail: 'Messages cannot be sent to this number due to an existing block rule.',
  },
  40301: {
    title: "Unsupported message type for the 'to' address",
    detail: 'The address does not take this type.',
  },
  40302: { title: 'Message too large', detail: 'The message has more than 10 parts.' },
  40305: {
    title: "Invalid 'from' address",
    detail: "The 'from' address should be associated with your messaging profile.",
  },
  40309: { title: 'Invalid destination region', detail: 'The destination region is not whitelisted.' },
  40310: { title: "Invalid 'to' address", detail: "The 'to' address is not a valid phone number." },
  40312: { title: 'Messaging profile is disabled', detail: 'The messaging profile is disabled.' },
  40314: {
    status: 403,
    title: 'Messaging disabled on account',
    detail: 'Messaging is disabled on this account.',
  },
  40316: { title: 'No content provided for message', detail: 'A message needs text or media.' },
  40317: { title: 'Invalid MMS content', detail: 'A message takes at most 10 media URLs.' },
  40318: { title: 'Message queue full', detail: 'The queue of this sender is full.' },
  40321: {
    title: 'No usable numbers on messaging profile',
    detail: 'The messaging profile has no usable number.',
  },
  40322: { title: 'Blocked due to content', detail: 'The message was blocked because of its content.' },
  40328: { title: 'SMS exceeds recommended size', detail: 'The message is too long.' },
  40329: {
    status: 403,
    title: 'Toll-free number not verified',
    detail: 'The toll-free number is not verified.',
  },
};

/** Telnyx's word for what is injected, or decided by the core, under one of Twilio's codes. */
const fromTwilio: Readonly<Record<number, number>> = {
  ...{ 11200: 40317, 20003: 10009, 20404: 10005, 20429: 10011, 20500: 10007, 20503: 10007 },
  ...{ 21211: 40310, 21212: 40305, 21265: 40301, 21408: 40309, 21602: 40316, 21603: 40305, 21606: 40305 },
  ...{ 21608: 10010, 21610: 40300, 21611: 40318, 21612: 40301, 21614: 40310, 21617: 40302, 21620: 40317 },
  ...{ 21623: 40317, 21635: 40310, 21658: 40328, 21703: 40321, 63017: 10011, 63038: 10011 },
  ...{ 30001: 40011, 30002: 40008, 30003: 40006, 30004: 40004, 30005: 40012, 30006: 40001, 30007: 40003 },
  ...{ 30008: 40008, 30022: 40011, 30023: 40016, 30024: 40013, 30034: 40010, 30035: 40013, 30036: 40014 },
  ...{ 30410: 40005, 30500: 40006 },
};

export function telnyxCode(code: number): number {
  return fromTwilio[code] ?? code;
}

/** An error as the API lists it. */
export interface TelnyxError {
  code: string;
  title: string;
  detail: string;
  source?: { pointer: string };
}

export interface TelnyxRefusal {
  status: number;
  error: TelnyxError;
}

/** @param field the parameter at fault, named by a JSON pointer */
export function refusal(code: number, field?: string, detail?: string): TelnyxRefusal {
  const known = refusals[code];
  return {
    status: known?.status ?? 400,
    error: {
      code: String(code),
      title: known?.title ?? 'Bad Request',
      detail: detail ?? known?.detail ?? 'The request was refused.',
      ...(field === undefined ? {} : { source: { pointer: `/${field}` } }),
    },
  };
}

export function refusalBody({ error }: TelnyxRefusal): string {
  return JSON.stringify({ errors: [error] });
}

/** What a message's failure looks like in its `errors`. */
export function deliveryError(code: number): TelnyxError {
  const ours = telnyxCode(code);
  const known = refusals[ours];
  const title = known?.title ?? endingFor(ours).message;
  return { code: String(ours), title, detail: known?.detail ?? title };
}

/** Whether an injected error answers the create, rather than ending the delivery later. */
export function refusesCreate(code: number): boolean {
  return code in refusals || !isDeliveryCode(code);
}
