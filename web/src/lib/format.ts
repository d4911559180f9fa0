import { formatPhoneNumber } from '@threadline/messaging/phone-number';
import type { Message, ThreadSummary } from './data/records.ts';

/** The moment and the place from which times are read. */
export interface Viewpoint {
  /** Milliseconds since the epoch. */
  now: number;
  timeZone: string;
}

const dayMs = 86_400_000;

/** The calendar day of a moment, `YYYY-MM-DD`, in a time zone. */
export function dayOf(moment: string | number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(moment));
}

/** "now", "5 min", "2:14 PM", "Yesterday", "Tue", "Mar 4" or "Mar 4, 2025": short enough for a list row. */
export function formatRelative(moment: string, { now, timeZone }: Viewpoint): string {
  const age = now - Date.parse(moment);
  if (age < 60_000) return 'now';
  if (age < 3_600_000) return `${Math.floor(age / 60_000)} min`;
  const day = dayOf(moment, timeZone);
  if (day === dayOf(now, timeZone)) return formatClock(moment, timeZone);
  if (day === dayOf(now - dayMs, timeZone)) return 'Yesterday';
  if (age < 6 * dayMs) return format(moment, timeZone, { weekday: 'short' });
  const sameYear = day.slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return format(moment, timeZone, {
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** "Today", "Yesterday", "Tuesday, March 4" or "Tuesday, March 4, 2025". */
export function formatDay(moment: string, { now, timeZone }: Viewpoint): string {
  const day = dayOf(moment, timeZone);
  if (day === dayOf(now, timeZone)) return 'Today';
  if (day === dayOf(now - dayMs, timeZone)) return 'Yesterday';
  const sameYear = day.slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return format(moment, timeZone, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

export function formatClock(moment: string, timeZone: string): string {
  return format(moment, timeZone, { hour: 'numeric', minute: '2-digit' });
}

/** "2:14:30 PM", where seconds count. */
export function formatClockToTheSecond(moment: string, timeZone: string): string {
  return format(moment, timeZone, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
}

/** The exact moment with its zone, for tooltips. */
export function formatExact(moment: string, timeZone: string): string {
  return format(moment, timeZone, {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

function format(moment: string, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', { ...options, timeZone }).format(new Date(moment));
}

/** What a contact is called on the screen. */
export function contactTitle(contact: ThreadSummary['contact']): string {
  return contact.name ?? formatPhoneNumber(contact.phone_number);
}

/** At most two letters for an avatar; the last two digits for a contact without a name. */
export function initials(name: string | null, phoneNumber: string): string {
  const words = (name ?? '').split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const text = letters.map((word) => Array.from(word ?? '')[0] ?? '').join('');
  return text === '' ? phoneNumber.slice(-2) : text.toLocaleUpperCase('en');
}

/** A hue in degrees that stays the same for the same key. */
export function stableHue(key: string): number {
  let hash = 2166136261;
  for (const character of key) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % 360;
}

/** The last line of a list row: who spoke, and what. */
export function previewLine(
  last: ThreadSummary['last_message'],
  myName: string,
): { speaker: string | null; text: string } {
  if (last === null) return { speaker: null, text: 'No messages yet' };
  const text = last.preview === '' && last.has_media ? 'Picture' : last.preview;
  if (last.direction === 'inbound') return { speaker: null, text };
  if (last.author_name === null) return { speaker: 'Automatic', text };
  return { speaker: last.author_name === myName ? 'You' : (last.author_name.split(/\s+/u)[0] ?? null), text };
}

const failedStatuses: ReadonlySet<Message['status']> = new Set(['failed', 'undelivered', 'blocked']);

/** True for a message that will not reach the recipient and that nobody stopped on purpose. */
export function hasFailed(status: Message['status']): boolean {
  return failedStatuses.has(status);
}
