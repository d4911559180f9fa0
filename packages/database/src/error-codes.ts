export interface ErrorCode {
  /** Stable name for code and logs. */
  name: string;
  /** What happened, for the people who run the system. */
  meaning: string;
  /** What the person at the screen is told when the database's own sentence cannot be shown. */
  userText: string;
  /** What our own HTTP endpoints answer. PostgREST itself answers 400 for every one of these. */
  httpStatus: number;
}

/**
 * Every error our SQL raises, by SQLSTATE. The register is closed: a test compares it with the migrations and with
 * docs/error-codes.md. Branch on the code, never on the text of the message.
 */
export const errorCodes = {
  TL001: {
    name: 'not_permitted',
    meaning:
      'The caller may not do this, or the thing does not exist, or it belongs to another organization. ' +
      'The three are not told apart, so that nothing can be found out by asking.',
    userText: 'You cannot do this, or it no longer exists.',
    httpStatus: 403,
  },
  TL002: {
    name: 'invalid_argument',
    meaning: 'An argument is missing or has a value that makes no sense.',
    userText: 'Something in this request is not valid.',
    httpStatus: 400,
  },
  TL100: {
    name: 'message_empty',
    meaning: 'The message has neither text nor media.',
    userText: 'Write something first.',
    httpStatus: 400,
  },
  TL101: {
    name: 'message_too_long',
    meaning: 'The text has more than 1600 characters (UTF-16 units), the most carriers take.',
    userText: 'This message is too long. The limit is 1600 characters.',
    httpStatus: 400,
  },
  TL102: {
    name: 'invalid_phone_number',
    meaning: 'The recipient is not a phone number in E.164 form.',
    userText: 'This is not a valid phone number.',
    httpStatus: 400,
  },
  TL103: {
    name: 'recipient_opted_out',
    meaning: 'The recipient is on the do-not-contact list for SMS.',
    userText: 'This person has opted out and cannot be texted.',
    httpStatus: 409,
  },
  TL104: {
    name: 'phone_number_inactive',
    meaning:
      'The phone number we would send from is paused or released, or its provider account is disabled.',
    userText: 'This phone number is switched off for sending.',
    httpStatus: 409,
  },
  TL105: {
    name: 'idempotency_conflict',
    meaning: 'The client key was used before with other content.',
    userText: 'This message was already sent with different content. Reload and try again.',
    httpStatus: 409,
  },
  TL110: {
    name: 'template_not_found',
    meaning: 'The organization has no template with this key, or it is archived.',
    userText: 'There is no such template.',
    httpStatus: 404,
  },
  TL111: {
    name: 'template_variable_missing',
    meaning: 'A template needs values that were not given. `details.names` lists them.',
    userText: 'The template needs more values.',
    httpStatus: 400,
  },
  TL112: {
    name: 'invalid_schedule',
    meaning:
      'There is no moment to send at: more than a year ahead, after send_before, or in quiet hours ' +
      'until send_before.',
    userText: 'This time is not possible.',
    httpStatus: 400,
  },
  TL113: {
    name: 'duplicate_content',
    meaning: 'The same text to the same person was accepted within the dedupe window.',
    userText: 'The same text was sent to this person a moment ago.',
    httpStatus: 409,
  },
  TL114: {
    name: 'not_cancellable',
    meaning: 'The job has left, or is leaving, or has ended: it can be neither cancelled nor moved.',
    userText: 'It is too late to change this message.',
    httpStatus: 409,
  },
  TL115: {
    name: 'not_retryable',
    meaning:
      'The job has not failed for good, or is no longer in doubt, so there is nothing to send again ' +
      'or to decide.',
    userText: 'This message cannot be sent again.',
    httpStatus: 409,
  },
  TL116: {
    name: 'expired',
    meaning:
      'The job was not sent by its send_before. Kept with the job and its message; no call answers it.',
    userText: 'Not sent: it was too late.',
    httpStatus: 409,
  },
  TL117: {
    name: 'illegal_transition',
    meaning:
      'A job was to go from one status to another that its life does not allow ' +
      '(docs/message-lifecycle.md). A bug of ours.',
    userText: 'Something went wrong on our side.',
    httpStatus: 409,
  },
  TL118: {
    name: 'carrier_schedule_impossible',
    meaning:
      'The carrier cannot be left to keep the message until its time: nearer or farther than it takes, a number ' +
      'without a messaging service, or quiet hours at that moment. The message says which.',
    userText: 'The carrier cannot keep this message until then.',
    httpStatus: 400,
  },
  TL200: {
    name: 'invitation_invalid',
    meaning: 'No open invitation has this token: it was never issued, was revoked, or is used up.',
    userText: 'This invitation is not valid. Ask for a new one.',
    httpStatus: 404,
  },
  TL201: {
    name: 'invitation_expired',
    meaning: 'The invitation was not accepted in time.',
    userText: 'This invitation has expired. Ask for a new one.',
    httpStatus: 410,
  },
  TL202: {
    name: 'invitation_email_mismatch',
    meaning: 'The invitation was issued to another e-mail address than the one signed in.',
    userText: 'This invitation is for another e-mail address. Sign in with that one.',
    httpStatus: 403,
  },
  TL203: {
    name: 'already_member',
    meaning: 'The person is a member of the organization already.',
    userText: 'This person is already a member.',
    httpStatus: 409,
  },
  TL204: {
    name: 'last_owner',
    meaning: 'The change would leave the organization without an active owner.',
    userText: 'An organization needs at least one owner. Make someone else an owner first.',
    httpStatus: 409,
  },
  TL205: {
    name: 'member_suspended',
    meaning: 'The membership is suspended.',
    userText: 'Your access to this organization is suspended. Ask an admin.',
    httpStatus: 403,
  },
} as const satisfies Record<string, ErrorCode>;

export type SqlState = keyof typeof errorCodes;
export type ErrorName = (typeof errorCodes)[SqlState]['name'];
export type KnownError = ErrorCode & { code: SqlState; name: ErrorName };

/** True for a SQLSTATE of ours, as opposed to one of Postgres or PostgREST. */
export function isSqlState(code: unknown): code is SqlState {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}

/** The entry for an error as supabase-js or postgres.js hands it over (`code` holds the SQLSTATE); null when not ours. */
export function findErrorCode(error: unknown): KnownError | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return isSqlState(error.code) ? { code: error.code, ...errorCodes[error.code] } : null;
}
