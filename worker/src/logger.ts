import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** Structured lines on standard output. What may identify a person is masked by whoever logs it, and texts are never logged. */
export function createLogger(level: string, workerId: string): Logger {
  return pino({
    level,
    base: { worker: workerId },
    serializers: { err: describeError },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

/**
 * The kind, code and place of an error. What the database says is left out: it quotes parameters, and a parameter may
 * be what a customer wrote.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = 'code' in error ? error.code : undefined;
  if (error.name === 'PostgresError') return { kind: error.name, code };
  return {
    kind: error.name,
    code,
    message: error.message,
    stack: error.stack?.split('\n').slice(1, 6).join('\n'),
  };
}
