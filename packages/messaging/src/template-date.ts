/** English on purpose: a template is written in one language, whatever the machine that renders it speaks. */
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** A moment on the clock and calendar of one time zone. */
interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0 (Sunday) to 6. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** What a directive stands for; a number comes with the width it is padded to, and what it is padded with. */
type Directive = (time: LocalTime) => string | readonly [number: number, width: number, padding: '0' | ' '];

const hour12 = ({ hour }: LocalTime) => hour % 12 || 12;

/** The directives of strftime (IEEE Std 1003.1) that come out the same everywhere. */
const directives: Readonly<Record<string, Directive>> = {
  a: ({ weekday }) => (weekdays[weekday] ?? '').slice(0, 3),
  A: ({ weekday }) => weekdays[weekday] ?? '',
  b: ({ month }) => (months[month - 1] ?? '').slice(0, 3),
  B: ({ month }) => months[month - 1] ?? '',
  d: ({ day }) => [day, 2, '0'],
  e: ({ day }) => [day, 2, ' '],
  H: ({ hour }) => [hour, 2, '0'],
  I: (time) => [hour12(time), 2, '0'],
  j: ({ year, month, day }) => [dayOfYear(year, month, day), 3, '0'],
  k: ({ hour }) => [hour, 2, ' '],
  l: (time) => [hour12(time), 2, ' '],
  m: ({ month }) => [month, 2, '0'],
  M: ({ minute }) => [minute, 2, '0'],
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  S: ({ second }) => [second, 2, '0'],
  y: ({ year }) => [year % 100, 2, '0'],
  Y: ({ year }) => [year, 4, '0'],
  '%': () => '%',
};

/** `%`, a flag (`-` no padding, `^` capitals) and a letter. No widths: they would let a short template write a long text. */
const directive = /%(?<flag>[-^]?)(?<letter>[A-Za-z%])/g;
const MAX_FORMAT_LENGTH = 100;

/** What is wrong with the arguments of `date`, in words that follow its name; null when nothing is. */
export function findDateFormatProblem(format: string, timeZone: string): string | null {
  const rest = format.replace(directive, (whole, _flag, letter: string) =>
    Object.hasOwn(directives, letter) ? '' : whole,
  );
  if (format === '' || format.length > MAX_FORMAT_LENGTH || rest.includes('%')) {
    return `does not know the format "${format.slice(0, MAX_FORMAT_LENGTH)}"`;
  }
  return clockOf(timeZone) === null ? `does not know the time zone "${timeZone.slice(0, 60)}"` : null;
}

const instant =
  /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** What is wrong with a value for `date`, in words that follow "the value"; null when it is a moment (RFC 3339). */
export function findDateProblem(value: string): string | null {
  const [, year = '', month = '', day = ''] = instant.exec(value) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const exists =
    Number(year) >= 100 && date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
  return exists ? null : 'is not a moment with its offset, such as 2026-11-20T15:30:00-05:00';
}

/**
 * Writes a moment as the clock and calendar of a zone have it.
 * @param value a moment for which `findDateProblem` finds nothing
 * @param format and `timeZone`, for which `findDateFormatProblem` finds nothing
 */
export function formatDate(value: string, format: string, timeZone: string): string {
  const time = localTime(value, timeZone);
  return format.replace(directive, (_whole, flag: string, letter: string) => {
    const part = directives[letter]?.(time) ?? '';
    if (typeof part === 'string') return flag === '^' ? part.toUpperCase() : part;
    const [number, width, padding] = part;
    return flag === '-' ? String(number) : String(number).padStart(width, padding);
  });
}

function localTime(value: string, timeZone: string): LocalTime {
  const found = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value: digits } of clockOf(timeZone)?.formatToParts(new Date(value)) ?? []) {
    if (type in found) Object.assign(found, { [type]: Number(digits) });
  }
  const weekday = new Date(Date.UTC(found.year, found.month - 1, found.day)).getUTCDay();
  return { ...found, weekday };
}

function dayOfYear(year: number, month: number, day: number): number {
  return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 0)) / 86_400_000;
}

/** Making one costs a hundred times more than using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Null for what is no name of the IANA database; offsets such as `+05:00` are none, they know of no summer time. */
function clockOf(timeZone: string): Intl.DateTimeFormat | null {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,60}$/.test(timeZone)) return null;
  const numeric = 'numeric';
  try {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    // Zones are named in any case, so there is no end to their spellings.
    if (clocks.size >= 1000) clocks.clear();
    clocks.set(timeZone, clock);
    return clock;
  } catch {
    return null;
  }
}
