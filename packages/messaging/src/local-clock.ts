// What clocks on the wall show, by way of Intl and IANA names only: fixed offsets are wrong twice a year.

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

const second = 1000;
const week = 7 * 24 * 3600 * second;

/**
 * How far local time is ahead of UTC at an instant, both in milliseconds. An instant plus its offset is *local time*:
 * what the wall clock shows, written as if it were UTC. An unknown zone or an invalid instant is a RangeError.
 */
export function offsetAt(zone: string, instant: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second: seconds = 0 } = part;
  const shown = Date.UTC(year, month - 1, day, hour, minute, seconds);
  return shown - Math.floor(instant / second) * second;
}

/**
 * The first instant after `from` and up to `to` at which the zone's clock has been put forward or back; null when it is
 * not. Looks once a week: no zone changes its clock and takes that back within seven days.
 */
export function clockChange(zone: string, from: number, to: number): number | null {
  const offset = offsetAt(zone, from);
  let before = from;
  while (before < to) {
    let after = Math.min(before + week, to);
    if (offsetAt(zone, after) === offset) {
      before = after;
      continue;
    }
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(zone, middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }
  return null;
}

/** What the wall clock shows: `2026-07-04T21:30`. */
export function localTimeText(zone: string, instant: number): string {
  return new Date(instant + offsetAt(zone, instant)).toISOString().slice(0, 16);
}
