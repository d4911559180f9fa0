import type { z } from 'zod';
import { readBody } from '../_shared/read-body.ts';
import { problemResponse } from './problem.ts';
import type { FieldProblem } from './problem.ts';

/** A thousand messages of the longest kind, with what belongs to them. */
export const LARGEST_BODY_BYTES = 5 * 1024 * 1024;

export type Read<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly response: Response };

export async function readJson(request: Request): Promise<Read<unknown>> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    return refuse(problemResponse(415, 'Send JSON, as content type application/json.'));
  }
  const bytes = await readBody(request, LARGEST_BODY_BYTES);
  if (bytes === null) return refuse(problemResponse(413, 'A request has at most 5 MiB.'));
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return refuse(problemResponse(400, 'The body is not JSON in UTF-8.'));
  }
}

export function readAs<Schema extends z.ZodType>(schema: Schema, value: unknown): Read<z.output<Schema>> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors = fieldProblems(parsed.error);
  return refuse(problemResponse(422, describe(errors), { errors }));
}

export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const pointer = (path: readonly PropertyKey[]) =>
      path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointer([...issue.path, key]),
        detail: 'is not a field we know',
      }));
    }
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
    return [{ pointer: pointer(issue.path), detail: isMissing ? 'is missing' : issue.message }];
  });
}

export function describe(errors: readonly FieldProblem[]): string {
  return errors.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ');
}

function refuse(response: Response): { readonly ok: false; readonly response: Response } {
  return { ok: false, response };
}
