/**
 * Codes of Postgres for what passes by itself: the same key in another call at this moment (unique_violation), such as a
 * first try whose answer was not waited for; locks held by others; a statement that ran out of time.
 */
const codes: ReadonlySet<string> = new Set(['23505', '40001', '40P01', '55P03', '57014']);

export function isPassingError(code: string | null): boolean {
  return code !== null && codes.has(code);
}
