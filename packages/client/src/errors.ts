/** Every error of this package is one of these. */
export class ThreadlineError extends Error {
  override name = 'ThreadlineError';
}

export interface InputProblem {
  /** Where, such as `scheduledFor` or `variables.name`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What was given cannot be right. Nothing was sent anywhere. */
export class InvalidInputError extends ThreadlineError {
  override name = 'InvalidInputError';
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; '));
    this.problems = problems;
  }
}

/** No answer, or one that says nothing about the request. Whether it had an effect is unknown. */
export class NetworkError extends ThreadlineError {
  override name = 'NetworkError';
  /** Trying again may help, and does no harm: the same idempotency key is the same message. */
  readonly retryable: boolean;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    facts: { retryable: boolean; status?: number; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.retryable = facts.retryable;
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}

/** The project does not accept the secret key. */
export class AuthenticationError extends ThreadlineError {
  override name = 'AuthenticationError';
}

/** The server answered with an error that is none of ours; `code` is Postgres's or PostgREST's. */
export class ServerError extends ThreadlineError {
  override name = 'ServerError';
  readonly code: string | null;
  readonly status: number;

  constructor(message: string, facts: { code: string | null; status: number }) {
    super(message);
    this.code = facts.code;
    this.status = facts.status;
  }
}

export interface Refusal {
  /** `TLnnn`, see docs/error-codes.md. */
  readonly code: string;
  /** A sentence for a person. */
  readonly message: string;
  readonly details?: unknown;
}

/** Threadline understood, and says no. Each code with something to do about it has a class of its own. */
export class RefusedError extends ThreadlineError {
  override name = 'RefusedError';
  readonly code: string;
  readonly details: unknown;

  constructor({ code, message, details }: Refusal) {
    super(message);
    this.code = code;
    this.details = details ?? null;
  }
}

/** TL001: no such organization, job or number of yours. */
export class NotPermittedError extends RefusedError {
  override name = 'NotPermittedError';
}
/** TL002: an argument makes no sense. */
export class InvalidArgumentError extends RefusedError {
  override name = 'InvalidArgumentError';
}
/** TL100: there is nothing but space in the text. */
export class MessageEmptyError extends RefusedError {
  override name = 'MessageEmptyError';
}
/** TL101: more than 1,600 UTF-16 units. */
export class MessageTooLongError extends RefusedError {
  override name = 'MessageTooLongError';
}
/** TL102: this number cannot exist. */
export class InvalidPhoneNumberError extends RefusedError {
  override name = 'InvalidPhoneNumberError';
}
/** TL103: the recipient asked for no more texts. Never try again. */
export class RecipientOptedOutError extends RefusedError {
  override name = 'RecipientOptedOutError';
}
/** TL104: our number is paused, released or not there. */
export class PhoneNumberInactiveError extends RefusedError {
  override name = 'PhoneNumberInactiveError';
}
/** TL105: this idempotency key stands for another message. */
export class IdempotencyConflictError extends RefusedError {
  override name = 'IdempotencyConflictError';
}
/** TL110: the team has no template with this key. */
export class TemplateNotFoundError extends RefusedError {
  override name = 'TemplateNotFoundError';
}
/** TL111: `names` have no value. */
export class TemplateVariableMissingError extends RefusedError {
  override name = 'TemplateVariableMissingError';
  readonly names: readonly string[];

  constructor(refusal: Refusal) {
    super(refusal);
    this.names = readNames(refusal.details);
  }
}
/** TL112: past `sendBefore`, or more than a year ahead. */
export class InvalidScheduleError extends RefusedError {
  override name = 'InvalidScheduleError';
}
/** TL118: the carrier cannot be left to keep it until then; the message says why. */
export class CarrierScheduleError extends RefusedError {
  override name = 'CarrierScheduleError';
}
/** TL113: the same text went to the same number a moment ago. */
export class DuplicateContentError extends RefusedError {
  override name = 'DuplicateContentError';
}
/** TL114: it is on its way, or over. */
export class NotCancellableError extends RefusedError {
  override name = 'NotCancellableError';
}
/** TL115: it did not fail, or must not be sent again. */
export class NotRetryableError extends RefusedError {
  override name = 'NotRetryableError';
}

const refusals: Readonly<Record<string, new (refusal: Refusal) => RefusedError>> = {
  TL001: NotPermittedError,
  TL002: InvalidArgumentError,
  TL100: MessageEmptyError,
  TL101: MessageTooLongError,
  TL102: InvalidPhoneNumberError,
  TL103: RecipientOptedOutError,
  TL104: PhoneNumberInactiveError,
  TL105: IdempotencyConflictError,
  TL110: TemplateNotFoundError,
  TL111: TemplateVariableMissingError,
  TL112: InvalidScheduleError,
  TL113: DuplicateContentError,
  TL114: NotCancellableError,
  TL115: NotRetryableError,
  TL118: CarrierScheduleError,
};

/** The error for a refusal, as narrow as its code allows. */
export function refusedError(refusal: Refusal): RefusedError {
  const narrow = Object.hasOwn(refusals, refusal.code) ? refusals[refusal.code] : undefined;
  return new (narrow ?? RefusedError)(refusal);
}

/** From an object, or from its JSON: the API gives an error's details as text. */
function readNames(details: unknown): readonly string[] {
  if (typeof details === 'string') {
    try {
      return readNames(JSON.parse(details));
    } catch {
      return [];
    }
  }
  if (typeof details !== 'object' || details === null || !('names' in details)) return [];
  const { names } = details;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : [];
}
