import { Liquid } from 'liquidjs';

/** Only output, and only these filters. `default` never does anything at rendering: values are merged before. */
export const allowedFilters = ['default', 'upcase', 'downcase', 'capitalize', 'date'] as const;
export type AllowedFilter = (typeof allowedFilters)[number];

const allowed = new Set<string>(allowedFilters);

export function isAllowedFilter(name: string): name is AllowedFilter {
  return allowed.has(name);
}

/** In milliseconds. Without tags there is nothing that could loop; this is the second lock on that door. */
const RENDER_LIMIT_MS = 250;

/**
 * A Liquid without tags, files, prototypes and most filters: what it cannot do, no template can ask of it.
 * The locale is fixed, so that every runtime writes the same names of days and months.
 */
function createEngine(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    // Reading a template refuses unknown filters itself, all of them at once and in its own words.
    strictFilters: false,
    ownPropertyOnly: true,
    templates: {},
    parseLimit: 10_000,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: 1_000_000,
    locale: 'en-US',
    timezoneOffset: 'UTC',
  });
  for (const name of Object.keys(liquid.tags)) Reflect.deleteProperty(liquid.tags, name);
  for (const name of Object.keys(liquid.filters)) if (!isAllowedFilter(name)) liquid.unregisterFilter(name);
  return liquid;
}

export const engine = createEngine();

/**
 * Directives of strftime that come out the same everywhere. No width (`%9999999d`), which pads without limit in some
 * versions of the engine, and none that leave the format to the locale (`%c`).
 */
const dateFormat = /^(?:[^%]|%[-^]?[aAbBdeHIjklmMpPSyY]|%%)+$/u;
const MAX_DATE_FORMAT_LENGTH = 100;

/** What is wrong with the arguments of `date`, in words that follow its name; null when nothing is. */
export function findDateFormatProblem(format: string, timeZone: string): string | null {
  if (format.length > MAX_DATE_FORMAT_LENGTH || !dateFormat.test(format)) {
    return `does not know the format "${format.slice(0, MAX_DATE_FORMAT_LENGTH)}"`;
  }
  return isTimeZone(timeZone) ? null : `does not know the time zone "${timeZone.slice(0, 60)}"`;
}

/** Names of the IANA database (`America/New_York`), which know of daylight saving time; no offsets such as `+05:00`. */
function isTimeZone(timeZone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/.test(timeZone)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}

const instant =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

/** What is wrong with a value for `date`, in words that follow "the value"; null when it is an instant (RFC 3339). */
export function findDateProblem(value: string): string | null {
  const [, year = '', month = '', day = ''] = instant.exec(value) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists = year !== '' && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
  return exists ? null : 'is not a moment with its offset, such as 2026-11-20T15:30:00-05:00';
}
