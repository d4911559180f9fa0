import type { z } from '#lib/data/schema.ts';

/** The fields of a posted form as text, files left out. */
export async function readFields(request: Request): Promise<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of await request.formData()) if (typeof value === 'string') fields[name] = value;
  return fields;
}

/** What is wrong with each field of our forms, in words. */
export interface FieldProblems {
  email: string | undefined;
  password: string | undefined;
  name: string | undefined;
}

/** The first problem of each field; none at all for a form that failed for another reason. */
export function problemsOf(error?: z.ZodError): FieldProblems {
  const first = (field: string) => error?.issues.find((issue) => issue.path[0] === field)?.message;
  return { email: first('email'), password: first('password'), name: first('name') };
}
