import { e164Pattern, servicePool, type Account, type AccountDirectory } from '../core/account.ts';
import { mostMediaPerMessage } from '../core/media-store.ts';
import type { OptOutList } from '../core/opt-outs.ts';
import { refusal, type TwilioRefusal } from './twilio-error.ts';

export type FormParameters = Readonly<Record<string, string | string[] | undefined>>;

/** A create that passed every check. */
export interface CreateRequest {
  to: string;
  from: string | null;
  messagingServiceSid: string | null;
  body: string;
  mediaUrls: string[];
  statusCallback: string | null;
  smartEncoded: boolean;
  validitySeconds: number;
  /** Milliseconds since the epoch; null to send at once. */
  sendAt: number | null;
}

export interface CreateRules {
  accounts: AccountDirectory;
  optOuts: OptOutList;
  /** How far ahead a message may be scheduled, in milliseconds. */
  scheduleWindow: { leastMs: number; mostMs: number };
}

/** Test-credential numbers of Twilio, honoured in every account. */
const magicSenders: Readonly<Record<string, number>> = {
  '+15005550001': 21212,
  '+15005550007': 21606,
  '+15005550008': 21611,
};
const magicRecipients: Readonly<Record<string, number>> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};
const magicGoodSender = '+15005550006';

export const twilioMagicNumbers = {
  senders: { [magicGoodSender]: 0, ...magicSenders },
  recipients: magicRecipients,
};

const longestBody = 1600;
const longestValidity = 36_000;

/** Checks a create in the order in which Twilio names what is wrong. */
export function readCreate(
  form: FormParameters,
  account: Account,
  rules: CreateRules,
): CreateRequest | TwilioRefusal {
  const to = single(form, 'To');
  const service = readService(form, account);
  const from = single(form, 'From');
  const content = readContent(form);
  if (to === '') return refusal(21604);
  if ('code' in service) return service;
  if (from === '' && service.sid === null) return refusal(21603);
  if ('code' in content) return content;
  const pair = checkPair(account, from, to, service.pool, rules);
  if (pair !== null) return pair;
  const options = readOptions(form);
  if ('code' in options) return options;
  const schedule = readSchedule(form, service.sid, rules);
  if (typeof schedule === 'object' && schedule !== null) return schedule;
  return {
    ...{ to, from: from === '' ? null : from, messagingServiceSid: service.sid, sendAt: schedule },
    ...content,
    ...options,
  };
}

function single(form: FormParameters, name: string): string {
  const value = form[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

function readService(
  form: FormParameters,
  account: Account,
): { sid: string | null; pool: readonly string[] } | TwilioRefusal {
  const sid = single(form, 'MessagingServiceSid');
  if (sid === '') return { sid: null, pool: [] };
  const pool = /^MG[0-9a-fA-F]{32}$/.test(sid) ? servicePool(account, sid) : undefined;
  return pool ? { sid, pool } : refusal(21705);
}

function readContent(form: FormParameters): { body: string; mediaUrls: string[] } | TwilioRefusal {
  const body = single(form, 'Body');
  const named = form['MediaUrl'] ?? [];
  const mediaUrls = (Array.isArray(named) ? named : [named]).filter((url) => url !== '');
  if (body === '' && mediaUrls.length === 0 && single(form, 'ContentSid') === '') return refusal(21602);
  if (body.length > longestBody) return refusal(21617);
  if (mediaUrls.length > mostMediaPerMessage) return refusal(21623);
  if (!mediaUrls.every(isWebAddress)) return refusal(21620);
  return { body, mediaUrls };
}

function checkPair(
  account: Account,
  from: string,
  to: string,
  pool: readonly string[],
  { accounts, optOuts }: CreateRules,
): TwilioRefusal | null {
  const senderError = from === '' ? undefined : checkSender(account, from, accounts);
  if (senderError !== undefined) return refusal(senderError, senderErrorText(senderError, from));
  const recipientError = checkRecipient(to);
  if (recipientError !== undefined) return refusal(recipientError, recipientErrorText(recipientError, to));
  if (from === to) return refusal(21266);
  const senders = from === '' ? pool : [from];
  return senders.some((sender) => optOuts.blocks(account, sender, to)) ? refusal(21610) : null;
}

function checkSender(account: Account, from: string, accounts: AccountDirectory): number | undefined {
  if (from === magicGoodSender || accounts.owns(account, from)) return undefined;
  const magic = magicSenders[from];
  if (magic !== undefined) return magic;
  return e164Pattern.test(from) || /^\d{3,8}$/.test(from) || /^[A-Za-z0-9 ]{1,11}$/.test(from)
    ? 21606
    : 21212;
}

function senderErrorText(code: number, from: string): string | undefined {
  if (code === 21212) return `The 'From' number ${from} is not a valid phone number.`;
  return code === 21606
    ? `The 'From' phone number provided (${from}) is not a valid, message-capable number for this account`
    : undefined;
}

function checkRecipient(to: string): number | undefined {
  const magic = magicRecipients[to];
  if (magic !== undefined) return magic;
  if (/^\d{3,6}$/.test(to)) return 21265;
  // In the North American plan a number has ten digits and no area code begins with 0 or 1.
  const valid = to.startsWith('+1') ? /^\+1[2-9]\d{9}$/.test(to) : e164Pattern.test(to);
  return valid ? undefined : 21211;
}

function recipientErrorText(code: number, to: string): string | undefined {
  return code === 21211 ? `The 'To' number ${to} is not a valid phone number.` : undefined;
}

function readOptions(
  form: FormParameters,
): Pick<CreateRequest, 'statusCallback' | 'smartEncoded' | 'validitySeconds'> | TwilioRefusal {
  const statusCallback = single(form, 'StatusCallback');
  if (statusCallback !== '' && !isCallbackAddress(statusCallback)) return refusal(21609);
  const validity = single(form, 'ValidityPeriod');
  const validitySeconds = validity === '' ? longestValidity : Number(validity);
  if (!Number.isInteger(validitySeconds) || validitySeconds < 1 || validitySeconds > longestValidity)
    return refusal(21624);
  return {
    statusCallback: statusCallback === '' ? null : statusCallback,
    smartEncoded: single(form, 'SmartEncoded').toLowerCase() === 'true',
    validitySeconds,
  };
}

function readSchedule(
  form: FormParameters,
  serviceSid: string | null,
  { scheduleWindow }: CreateRules,
): number | null | TwilioRefusal {
  if (single(form, 'ScheduleType') !== 'fixed') return null;
  if (serviceSid === null) return refusal(35118);
  const text = single(form, 'SendAt');
  if (text === '') return refusal(35111);
  const sendAt = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(sendAt)) return refusal(35115);
  const leadMs = sendAt - Date.now();
  if (leadMs <= scheduleWindow.leastMs) return refusal(35114);
  return leadMs > scheduleWindow.mostMs ? refusal(35117) : sendAt;
}

function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** Twilio refuses host names with an underscore. */
function isCallbackAddress(address: string): boolean {
  return isWebAddress(address) && !new URL(address).hostname.includes('_');
}
