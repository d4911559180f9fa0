import { errorCodes, isSqlState } from '@threadline/database/error-codes';

export interface FieldProblem {
  /** JSON Pointer (RFC 6901) into the request. */
  readonly pointer: string;
  readonly detail: string;
}

interface ProblemFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldProblem[];
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

/** An error of HTTP alone (RFC 9457). */
export function problemResponse(status: number, detail: string, facts: ProblemFacts = {}): Response {
  return respond(status, { type: 'about:blank', title: titles[status] ?? 'Error', status, detail }, facts);
}

/** The HTTP status of a code of ours; what the request says is well-formed and still wrong is 422. */
export function statusOf(code: string): number {
  if (!isSqlState(code)) return 422;
  const { httpStatus } = errorCodes[code];
  return httpStatus === 400 ? 422 : httpStatus;
}

/**
 * A refusal by the database.
 * @param message null for the sentence of the register, where the database's own is not at hand
 */
export function refusalResponse(code: string, message: string | null, status = statusOf(code)): Response {
  const known = isSqlState(code) ? errorCodes[code] : undefined;
  const name = known?.name ?? 'refused';
  return respond(
    status,
    {
      type: `urn:threadline:problem:${name}`,
      title: titles[status] ?? 'Refused',
      status,
      detail: message ?? known?.userText ?? 'The message was refused.',
      code,
    },
    {},
  );
}

function respond(status: number, body: Record<string, unknown>, { headers, errors }: ProblemFacts): Response {
  return Response.json(errors === undefined ? body : { ...body, errors }, {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
