import { e164Pattern, servicePool, stickySender, type TelnyxAccount } from '../core/account.ts';
import type { AccountDirectory } from '../core/account.ts';
import { mostMediaPerMessage } from '../core/media-store.ts';
import type { OptOutList } from '../core/opt-outs.ts';
import { countCarrierSegments } from '../core/segments.ts';
import { refusal, type TelnyxRefusal } from './telnyx-error.ts';

export type JsonBody = Readonly<Record<string, unknown>>;

/** A create that passed every check. */
export interface CreateRequest {
  to: string;
  from: string;
  messagingServiceSid: string | null;
  body: string;
  mediaUrls: string[];
  /** Milliseconds since the epoch; null to send at once. */
  sendAt: number | null;
}

export interface CreateRules {
  accounts: AccountDirectory;
  optOuts: OptOutList;
  /** How far ahead a message may be scheduled, in milliseconds. */
  scheduleWindow: { leastMs: number; mostMs: number };
}

/** Source: developers.telnyx.com, long messages are split into at most ten parts. */
const mostParts = 10;

export function readCreate(
  json: JsonBody,
  account: TelnyxAccount,
  rules: CreateRules,
): CreateRequest | TelnyxRefusal {
  const to = text(json, 'to');
  if (to === '') return refusal(10004, 'to');
  if (!isRecipient(to)) return refusal(40310, 'to');
  const sender = readSender(json, account, to, rules);
  if ('error' in sender) return sender;
  const content = readContent(json);
  if ('error' in content) return content;
  if (sender.from === to) return refusal(40310, 'to');
  if (rules.optOuts.blocks(account, sender.from, to)) {
    return refusal(
      40300,
      undefined,
      `Messages cannot be sent from '${sender.from}' to '${to}' due to an existing block rule.`,
    );
  }
  const sendAt = readSendAt(json, rules);
  if (typeof sendAt === 'object' && sendAt !== null) return sendAt;
  const address = badAddress(json);
  return address === null ? { to, ...sender, ...content, sendAt } : refusal(10015, address, 'Not a URL.');
}

function text(json: JsonBody, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? value : '';
}

/** In the North American plan a number has ten digits and no area code begins with 0 or 1. */
function isRecipient(to: string): boolean {
  return to.startsWith('+1') ? /^\+1[2-9]\d{9}$/.test(to) : e164Pattern.test(to);
}

function readSender(
  json: JsonBody,
  account: TelnyxAccount,
  to: string,
  { accounts }: CreateRules,
): { from: string; messagingServiceSid: string | null } | TelnyxRefusal {
  const profile = text(json, 'messaging_profile_id');
  const named = text(json, 'from');
  const pool = profile === '' ? [] : servicePool(account, profile);
  if (pool === undefined) return refusal(10005, 'messaging_profile_id');
  const from = named === '' ? stickySender(pool, to) : named;
  if (from === undefined || !accounts.owns(account, from)) return refusal(40305, 'from');
  return { from, messagingServiceSid: profile === '' ? null : profile };
}

function readContent(json: JsonBody): { body: string; mediaUrls: string[] } | TelnyxRefusal {
  const body = text(json, 'text');
  const named: unknown[] = Array.isArray(json['media_urls']) ? json['media_urls'] : [];
  const mediaUrls = named.filter((url) => typeof url === 'string');
  if (body === '' && mediaUrls.length === 0) return refusal(40316, 'text');
  if (mediaUrls.length > mostMediaPerMessage || !mediaUrls.every(isWebAddress)) {
    return refusal(40317, 'media_urls');
  }
  return countCarrierSegments(body) > mostParts ? refusal(40302, 'text') : { body, mediaUrls };
}

function readSendAt(json: JsonBody, { scheduleWindow }: CreateRules): number | null | TelnyxRefusal {
  const given = text(json, 'send_at');
  if (given === '') return null;
  const sendAt = Date.parse(given);
  const leadMs = sendAt - Date.now();
  // Also false for what is no time at all.
  const isPossible = leadMs >= scheduleWindow.leastMs && leadMs <= scheduleWindow.mostMs;
  return isPossible
    ? sendAt
    : refusal(10015, 'send_at', 'send_at must be between 5 minutes and 5 days in the future.');
}

function badAddress(json: JsonBody): string | null {
  const names = ['webhook_url', 'webhook_failover_url'];
  return names.find((name) => text(json, name) !== '' && !isWebAddress(text(json, name))) ?? null;
}

function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}
