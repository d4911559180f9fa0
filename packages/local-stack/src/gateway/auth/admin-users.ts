import { z } from 'zod';
import { AuthProblem } from './auth-problem.ts';
import { readJson } from './read-json.ts';
import { toUser } from './user-row.ts';
import { userAttributesSchema, type UserAttributes, type UserStore } from './user-store.ts';

/**
 * The admin part of the Auth API that `supabase.auth.admin` calls and lite lacks. The caller has already been
 * found to hold a service_role key.
 * @returns undefined for a path that is not ours
 */
export async function answerAdminUsers(request: Request, users: UserStore): Promise<Response | undefined> {
  const url = new URL(request.url);
  const match = /^\/auth\/v1\/admin\/users(?:\/([^/]+))?(\/factors)?\/?$/.exec(url.pathname);
  if (!match) return undefined;
  if (match[2] !== undefined) return answerFactors(request, userId(match[1] ?? ''), users);
  return match[1] === undefined
    ? answerCollection(request, url, users)
    : answerOne(request, userId(match[1]), users);
}

async function answerCollection(request: Request, url: URL, users: UserStore): Promise<Response> {
  if (request.method === 'POST') return Response.json(toUser(await users.create(await newUser(request))));
  if (request.method !== 'GET') return new Response(null, { status: 405 });
  const page = positive(url.searchParams.get('page'), 1);
  const perPage = Math.min(positive(url.searchParams.get('per_page'), 50), 1000);
  const { users: rows, total } = await users.list(page, perPage);
  const lastPage = Math.max(1, Math.ceil(total / perPage));
  const link = (number: number, relation: string) =>
    `</auth/v1/admin/users?page=${number}&per_page=${perPage}>; rel="${relation}"`;
  return Response.json(
    { users: rows.map(toUser), aud: 'authenticated' },
    {
      headers: {
        'x-total-count': String(total),
        link: [...(page < lastPage ? [link(page + 1, 'next')] : []), link(lastPage, 'last')].join(', '),
      },
    },
  );
}

async function answerOne(request: Request, id: string, users: UserStore): Promise<Response> {
  switch (request.method) {
    case 'GET':
      return Response.json(toUser(await users.find(id)));
    case 'PUT':
      return Response.json(toUser(await users.update(id, await attributes(request))));
    case 'DELETE': {
      const body = z
        .object({ should_soft_delete: z.boolean().default(false) })
        .safeParse(await readJson(request));
      await users.remove(id, body.data?.should_soft_delete ?? false);
      return Response.json({});
    }
    default:
      return new Response(null, { status: 405 });
  }
}

/** Nobody has a second factor here. */
async function answerFactors(request: Request, id: string, users: UserStore): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405 });
  await users.find(id);
  return Response.json([]);
}

async function newUser(request: Request): Promise<UserAttributes> {
  const wanted = await attributes(request);
  if (wanted.email === undefined && wanted.phone === undefined) {
    throw new AuthProblem(400, 'validation_failed', 'Cannot create a user without either an email or phone');
  }
  return wanted;
}

async function attributes(request: Request): Promise<UserAttributes> {
  const parsed = userAttributesSchema.safeParse(await readJson(request));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.path[0] === 'password') {
    throw new AuthProblem(422, 'weak_password', 'Password should be at least 6 characters.');
  }
  if (issue?.path[0] === 'email') {
    throw new AuthProblem(400, 'validation_failed', 'Unable to validate email address: invalid format');
  }
  throw new AuthProblem(400, 'validation_failed', issue?.message ?? 'Malformed request');
}

function userId(text: string): string {
  if (z.guid().safeParse(text).success) return text;
  throw new AuthProblem(404, 'validation_failed', 'user_id must be an UUID');
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
