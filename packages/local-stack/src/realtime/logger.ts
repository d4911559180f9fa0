export type LogLevel = 'info' | 'warning' | 'error';

/** One structured line per event. Never give it a payload, a token or a key. */
export type Logger = (
  level: LogLevel,
  event: string,
  details?: Record<string, string | number | boolean>,
) => void;

export function createLogger(write: (line: string) => void): Logger {
  return (level, event, details) =>
    write(JSON.stringify({ time: new Date().toISOString(), level, part: 'realtime', event, ...details }));
}

export const silentLogger: Logger = () => undefined;

/** What went wrong, without what was being said. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code ?? error.name;
}
