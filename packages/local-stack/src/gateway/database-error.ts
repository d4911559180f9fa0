import { z } from 'zod';

const databaseErrorSchema = z.object({
  code: z.string().length(5),
  message: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
});

export type DatabaseError = z.infer<typeof databaseErrorSchema>;

export function asDatabaseError(error: unknown): DatabaseError | undefined {
  return error instanceof Error ? databaseErrorSchema.safeParse(error).data : undefined;
}

/**
 * HTTP status by SQLSTATE or its class (PostgREST manual, "HTTP Status Codes"); first match wins. What a function
 * raises of its own accord is 400.
 */
const statuses: readonly (readonly [prefix: string, status: number])[] = [
  ['08', 503],
  ['09', 500],
  ['0L', 403],
  ['0P', 403],
  ['23503', 409],
  ['23505', 409],
  ['25006', 405],
  ['25', 500],
  ['28', 403],
  ['2D', 500],
  ['38', 500],
  ['39', 500],
  ['3B', 500],
  ['40', 500],
  ['53400', 500],
  ['53', 503],
  ['54', 500],
  ['55', 500],
  ['57', 500],
  ['58', 500],
  ['F0', 500],
  ['HV', 500],
  ['P0001', 400],
  ['P0', 500],
  ['XX', 500],
  ['42883', 404],
  ['42P01', 404],
  ['42P17', 500],
];

export function statusOf(code: string, role: string): number {
  if (code === '42501') return role === 'anon' ? 401 : 403;
  const custom = /^PT(\d{3})$/.exec(code)?.[1];
  if (custom !== undefined) return Number(custom);
  return statuses.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}

/** The Data API's answer to an error of the database. */
export function databaseErrorAnswer(error: DatabaseError, role: string): Response {
  if (error.code === 'PGRST') return raisedAnswer(error);
  const body = {
    code: error.code,
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
  };
  return Response.json(body, { status: statusOf(error.code, role) });
}

const raisedSchema = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()).default({}),
});

/** `raise sqlstate 'PGRST'`: the message is the body, the detail holds status and headers (PostgREST manual). */
function raisedAnswer(error: DatabaseError): Response {
  try {
    const { status, headers } = raisedSchema.parse(JSON.parse(error.detail ?? '{}'));
    return Response.json(JSON.parse(error.message), { status, headers });
  } catch {
    const message = 'Could not parse JSON in the "RAISE SQLSTATE \'PGRST\'" error';
    return Response.json({ code: 'PGRST121', message, details: error.message, hint: null }, { status: 500 });
  }
}

/** SQLSTATEs that lite answers as PostgREST does. */
const knownToLite = /^(PGRST|PT...|42...|22...|21...|23502|23503|23505|25006)$/;

/**
 * Words a database error so that lite passes it on: it knows few codes and turns the others, custom ones among
 * them, into a nameless 500.
 */
export function translateForLite(error: unknown): unknown {
  const known = asDatabaseError(error);
  if (!known || knownToLite.test(known.code)) return error;
  const body = {
    code: known.code,
    message: known.message,
    details: known.detail ?? null,
    hint: known.hint ?? null,
  };
  return {
    code: 'PGRST',
    message: JSON.stringify(body),
    detail: JSON.stringify({ status: statusOf(known.code, 'authenticated'), headers: {} }),
  };
}
