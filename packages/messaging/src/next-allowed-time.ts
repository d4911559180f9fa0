import { clockChange, localTimeText, offsetAt } from './local-clock.ts';
import type { QuietHoursRule } from './quiet-hours-rules.ts';

export interface AllowedTime {
  /** The earliest instant, not before `at`, when every zone is open; null when there is none within 14 days. */
  from: Date | null;
  /** The first instant after `from` when a zone is closed again; null when none closes within 15 days of `at`. */
  until: Date | null;
  /** The first of the zones that opens last; where nothing has to be waited for, the first that closes. */
  decisiveZone: string | null;
  /** `at` on the wall clock of the decisive zone, or of the first zone: `2026-07-04T21:30`. */
  localTime: string | null;
  /** Versions of the rules in effect on any local day from `at` to `from`, sorted. */
  ruleVersions: string[];
}

/** The end of looking, for an opening and for the closing after it. */
const day = 24 * 3_600_000;
const searchLength = 14 * day;
const horizonLength = 15 * day;

/**
 * When a message may go. `rules` are the ones that bind it (`bindingRules`); `zones` are its candidate zones, and it may
 * go only while the window is open in all of them. No rules: at once and for ever. No zones: never.
 * An unknown zone or an invalid date is a RangeError.
 */
export function nextAllowedTime(question: {
  at: Date;
  zones: readonly string[];
  rules: readonly QuietHoursRule[];
}): AllowedTime {
  const { zones, rules } = question;
  const at = question.at.getTime();
  if (Number.isNaN(at)) throw new RangeError('Invalid date');
  const from = zones.length === 0 ? null : commonOpening(zones, rules, at);
  const closing = from === null ? null : commonClosing(zones, rules, from, at + horizonLength);
  const decisiveZone = from === null ? null : decides(zones, rules, at, from, closing);
  const shownZone = decisiveZone ?? zones[0];
  return {
    from: from === null ? null : new Date(from),
    until: closing === null ? null : new Date(closing),
    decisiveZone,
    localTime: shownZone === undefined ? null : localTimeText(shownZone, at),
    ruleVersions: versionsInEffect(zones, rules, at, from ?? at + searchLength),
  };
}

/** True when a message bound by these rules may go at this instant (milliseconds) to somebody in this zone. */
export function isOpenAt(zone: string, rules: readonly QuietHoursRule[], instant: number): boolean {
  const local = instant + offsetAt(zone, instant);
  const window = windowOf(rules, startOfDay(local));
  return window !== null && window.opens <= local && local < window.closes;
}

function commonOpening(
  zones: readonly string[],
  rules: readonly QuietHoursRule[],
  at: number,
): number | null {
  const limit = at + searchLength;
  let candidate = at;
  for (;;) {
    let latest = candidate;
    for (const zone of zones) {
      const opening = nextTurn(zone, rules, candidate, limit, true);
      if (opening === null) return null;
      latest = Math.max(latest, opening);
    }
    if (latest === candidate) return candidate;
    candidate = latest;
  }
}

function commonClosing(
  zones: readonly string[],
  rules: readonly QuietHoursRule[],
  from: number,
  limit: number,
): number | null {
  const closings = zones
    .map((zone) => nextTurn(zone, rules, from, limit, false))
    .filter((closing) => closing !== null);
  return closings.length === 0 ? null : Math.min(...closings);
}

function decides(
  zones: readonly string[],
  rules: readonly QuietHoursRule[],
  at: number,
  from: number,
  until: number | null,
): string | null {
  const moment = from > at ? from - 1 : until;
  return moment === null ? null : (zones.find((zone) => !isOpenAt(zone, rules, moment)) ?? null);
}

/**
 * The first instant, from `from` on and before `limit`, when the zone is open (or closed, when `open` is false).
 * Between two changes of the clock local time runs evenly, so a local turn is an instant by subtraction; a change on the
 * way there starts the question anew from the change, and so hours that do not exist or come twice need no rule.
 */
function nextTurn(
  zone: string,
  rules: readonly QuietHoursRule[],
  from: number,
  limit: number,
  open: boolean,
): number | null {
  let start = from;
  while (start < limit) {
    const offset = offsetAt(zone, start);
    const turn = Math.min(nextLocalTurn(rules, start + offset, limit + offset, open) - offset, limit);
    const change = clockChange(zone, start, turn);
    if (change === null) return turn < limit ? turn : null;
    start = change;
  }
  return null;
}

function nextLocalTurn(
  rules: readonly QuietHoursRule[],
  local: number,
  limit: number,
  open: boolean,
): number {
  let turn = local;
  for (let today = startOfDay(local); today < limit; today += day) {
    turn = Math.max(turn, today);
    const window = windowOf(rules, today);
    const isOpen = window !== null && window.opens <= turn && turn < window.closes;
    if (isOpen === open) return turn;
    if (open && window !== null && turn < window.opens) return window.opens;
    // A window up to midnight does not close there when the next day opens at midnight: the loop goes on.
    if (!open && window !== null && window.closes < today + day) return window.closes;
  }
  return limit;
}

/** The window of one local day in local milliseconds, all rules taken together; null when the day stays closed. */
function windowOf(rules: readonly QuietHoursRule[], today: number): { opens: number; closes: number } | null {
  const date = new Date(today);
  const weekday = date.getUTCDay() || 7;
  const dateText = date.toISOString().slice(0, 10);
  let opens = today;
  let closes = today + day;
  for (const rule of rules) {
    if (!rule.weekdays.includes(weekday) || !isInEffect(rule, dateText, dateText)) continue;
    if (rule.opensAt === null || rule.closesAt === null) return null;
    opens = Math.max(opens, today + minutes(rule.opensAt));
    closes = Math.min(closes, today + minutes(rule.closesAt));
  }
  return opens < closes ? { opens, closes } : null;
}

function versionsInEffect(
  zones: readonly string[],
  rules: readonly QuietHoursRule[],
  at: number,
  end: number,
): string[] {
  const dates = (instant: number) =>
    zones.map((zone) => localTimeText(zone, instant).slice(0, 10)).toSorted();
  const firstDay = dates(at)[0];
  const lastDay = dates(end).at(-1);
  if (firstDay === undefined || lastDay === undefined) return [];
  const inEffect = rules.filter((rule) => isInEffect(rule, firstDay, lastDay));
  return [...new Set(inEffect.map(({ version }) => version))].toSorted();
}

function isInEffect(rule: QuietHoursRule, firstDay: string, lastDay: string): boolean {
  return rule.effectiveFrom <= lastDay && (rule.effectiveTo === null || rule.effectiveTo > firstDay);
}

function startOfDay(local: number): number {
  return Math.floor(local / day) * day;
}

function minutes(clock: string): number {
  const [hours = '0', rest = '0'] = clock.split(':');
  return (Number(hours) * 60 + Number(rest)) * 60_000;
}
