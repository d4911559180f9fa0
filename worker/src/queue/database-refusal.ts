/** The database answered and said no: classes 22 (data), 23 (constraints) and TL (our own). Everything else may pass by itself. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^(22|23|TL)[0-9A-Z]{3}$/.test(error.code);
}
