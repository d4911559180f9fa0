import { errorCodes, findErrorCode, type ErrorName } from '@threadline/database/error-codes';
import type { PostgrestError } from '@supabase/supabase-js';
import type { z } from './schema.ts';

/**
 * - `offline`: no answer, or one from something in front of the API; the same request may succeed later
 * - `refused`: our SQL said no, for the reason in `code`
 * - `signed_out`: the session is gone
 * - `unexpected`: an answer we do not understand
 */
export type DataErrorKind = 'offline' | 'refused' | 'signed_out' | 'unexpected';

/** What every data module throws. `message` is written for the person at the screen. */
export class DataError extends Error {
  readonly kind: DataErrorKind;
  readonly code: ErrorName | null;

  constructor(kind: DataErrorKind, message: string, code: ErrorName | null = null, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataError';
    this.kind = kind;
    this.code = code;
  }
}

const plainWords = {
  offline: 'Threadline cannot be reached right now.',
  signed_out: 'You have been signed out. Sign in again to continue.',
  unexpected: 'Something went wrong on our side. Try again in a moment.',
} as const;

interface Answer {
  data: unknown;
  error: PostgrestError | null;
  status: number;
}

/** The parsed data of an answer, or a DataError saying why there is none. */
export function unwrap<T>(schema: z.ZodType<T>, answer: Answer): T {
  if (answer.error !== null) throw refusal(answer.error, answer.status);
  const parsed = schema.safeParse(answer.data);
  if (!parsed.success) throw new DataError('unexpected', plainWords.unexpected, null, parsed.error);
  return parsed.data;
}

function refusal(error: PostgrestError, status: number): DataError {
  const known = findErrorCode(error);
  if (known !== null) {
    // TL001 tells nothing apart on purpose; its register sentence says more to a person than the database's.
    const message = known.name === 'not_permitted' ? known.userText : sentence(error.message);
    return new DataError('refused', message, known.name, error);
  }
  // The text where an id belongs is none, or none that Postgres can read: there is nothing it could name.
  if (error.code === '22P02' || error.code === '22P05')
    return new DataError('refused', errorCodes.TL001.userText, 'not_permitted', error);
  if (status === 401) return new DataError('signed_out', plainWords.signed_out, null, error);
  // 0 is supabase-js's word for "no answer at all".
  if (status === 0 || status === 429 || status >= 500)
    return new DataError('offline', plainWords.offline, null, error);
  return new DataError('unexpected', plainWords.unexpected, null, error);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Any thrown value as a DataError. */
export function toDataError(thrown: unknown): DataError {
  if (thrown instanceof DataError) return thrown;
  // `fetch` rejects with a TypeError when there is no network.
  if (thrown instanceof TypeError) return new DataError('offline', plainWords.offline, null, thrown);
  return new DataError('unexpected', plainWords.unexpected, null, thrown);
}
