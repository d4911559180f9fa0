/** How far ahead a carrier takes a message, in milliseconds: more than `leastMs`, at most `mostMs`. */
export interface ScheduleWindow {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** False for a moment that is no moment, too. */
export function isWithinWindow(moment: Date, now: number, { leastMs, mostMs }: ScheduleWindow): boolean {
  const leadMs = moment.getTime() - now;
  return leadMs > leastMs && leadMs <= mostMs;
}

/** ISO 8601 in UTC, to the second, which is all the carriers read. */
export function toWholeSecond(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
