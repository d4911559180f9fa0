import { AuthProblem } from './auth-problem.ts';

/** The request's body; an empty one counts as an empty object. @throws AuthProblem */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AuthProblem(400, 'bad_json', 'Could not parse request body as JSON');
  }
}
