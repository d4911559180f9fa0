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

/** Classes of SQLSTATE about the connection, the sign-in, the schema and the server: they quote names, never parameters. */
const withoutParameters = /^(?:08|28|3D|3F|42|53|57)/;

/**
 * The kind, code and place of an error. What the database says of data is left out: it quotes parameters, and a
 * parameter may be what a customer wrote.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = 'code' in error ? error.code : undefined;
  if (error.name === 'PostgresError') {
    const isSafe = typeof code === 'string' && withoutParameters.test(code);
    return { kind: error.name, code, ...(isSafe ? { message: error.message } : {}) };
  }
  return {
    kind: error.name,
    code,
    message: error.message,
    stack: error.stack?.split('\n').slice(1, 6).join('\n'),
  };
}
