import { z } from 'zod';
import { answerAdminUsers } from './admin-users.ts';
import { AuthProblem } from './auth-problem.ts';
import { answerGenerateLink } from './generate-link.ts';
import { readJson } from './read-json.ts';
import type { UserStore } from './user-store.ts';

/** Everything `supabase.auth.admin` calls and lite lacks. The caller has been found to hold service_role. */
export async function answerAdmin(
  request: Request,
  users: UserStore,
  addresses: { publicUrl: string; siteUrl: string },
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const redirect = searchParams.get('redirect_to');
  if (request.method === 'POST' && pathname === '/auth/v1/admin/generate_link') {
    return answerGenerateLink(withRedirect(await readJson(request), redirect), users, addresses);
  }
  if (request.method === 'POST' && pathname === '/auth/v1/invite') {
    const wanted = { ...z.looseObject({}).parse(await readJson(request)), type: 'invite' };
    return answerGenerateLink(withRedirect(wanted, redirect), users, addresses);
  }
  const answer = await answerAdminUsers(request, users);
  if (answer) return answer;
  throw new AuthProblem(404, 'not_found', 'This admin route is not part of the embedded stack');
}

/** supabase-js gives the address to return to in the query. */
function withRedirect(body: unknown, redirect: string | null): unknown {
  return redirect === null ? body : { ...z.looseObject({}).parse(body), redirect_to: redirect };
}
