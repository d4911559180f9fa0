import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { enrich, type TokenIssuer } from './access-token.ts';
import { AuthProblem } from './auth-problem.ts';
import { toUser } from './user-row.ts';
import type { UserStore } from './user-store.ts';

export type Ask = (request: Request) => Promise<Response>;

const signUpSchema = z.looseObject({
  email: z.string().optional(),
  phone: z.string().optional(),
  data: z.record(z.string(), z.json()).optional(),
});
const sessionSchema = z.looseObject({ access_token: z.string(), user: z.looseObject({ id: z.string() }) });
const changeSchema = z.looseObject({ email: z.string().optional(), password: z.string().optional() });

export type AnonymousUsers = ReturnType<typeof createAnonymousUsers>;

/** Accounts without a name: lite has none, so each begins as a nameless account of lite's and loses its address. */
export function createAnonymousUsers(sql: Sql, users: UserStore, issuer: TokenIssuer, ask: Ask) {
  return {
    /** @returns undefined when the body signs somebody up by name; a password names nobody */
    async signUp(request: Request, body: unknown): Promise<Response | undefined> {
      const wanted = signUpSchema.safeParse(body).data;
      if (!wanted || (wanted.email ?? '') !== '' || (wanted.phone ?? '') !== '') return undefined;
      const answer = await ask(
        withBody(request, {
          // Lives for a moment only, in a domain that nobody can have (RFC 2606).
          email: `${randomUUID()}@anonymous.invalid`,
          password: randomBytes(24).toString('base64url'),
          data: wanted.data ?? {},
        }),
      );
      if (!answer.ok) return answer;
      const session = sessionSchema.parse(await answer.json());
      await forgetAddress(sql, session.user.id, wanted.data ?? {});
      const user = await users.find(session.user.id);
      const token = await enrich(session.access_token, user, 'anonymous', issuer);
      return Response.json({ ...session, access_token: token, user: toUser(user) });
    },
    /** Whose token it is, where that is an anonymous account; its signature is lite's to check. */
    async of(request: Request): Promise<string | undefined> {
      const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
      const id = token.split('.').length === 3 ? subjectOf(token) : undefined;
      if (id === undefined) return undefined;
      const [row] = await sql<
        { is_anonymous: boolean }[]
      >`select is_anonymous from auth.users where id = ${id}`;
      return row?.is_anonymous ? id : undefined;
    },
    /** An anonymous person who gives an address is confirmed by it at once, as in signing up. */
    async update(request: Request, id: string, body: unknown): Promise<Response> {
      const wanted = changeSchema.safeParse(body).data ?? {};
      if ((wanted.password ?? '') !== '' && (wanted.email ?? '') === '') {
        const message = 'Updating password of an anonymous user without an email or phone is not allowed';
        throw new AuthProblem(422, 'validation_failed', message);
      }
      const answer = await ask(withBody(request, body));
      if (!answer.ok || (wanted.email ?? '') === '') return answer;
      await answer.body?.cancel();
      await adoptAddress(sql, id);
      return Response.json(toUser(await users.find(id)));
    },
  };
}

async function forgetAddress(sql: Sql, id: string, data: Record<string, unknown>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`delete from auth.identities where user_id = ${id}`;
    await transaction`
      update auth.users set
        email = null, encrypted_password = null, email_confirmed_at = null, confirmation_sent_at = null,
        raw_app_meta_data = '{}', raw_user_meta_data = ${JSON.stringify(data)}::text::jsonb, is_anonymous = true
      where id = ${id}`;
  });
}

/** lite has checked the new address and noted it as one to be confirmed. */
async function adoptAddress(sql: Sql, id: string): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`
      update auth.users set
        email = email_change, email_confirmed_at = now(), is_anonymous = false,
        email_change = null, email_change_token_new = null, email_change_token_current = null,
        email_change_sent_at = null, updated_at = now(),
        raw_app_meta_data = raw_app_meta_data || '{"provider": "email", "providers": ["email"]}'
      where id = ${id} and email_change is not null`;
    await transaction`
      insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at)
      select ${randomUUID()}, 'email', u.id, u.id, jsonb_build_object(
        'sub', u.id, 'email', u.email, 'email_verified', true, 'phone_verified', false), now()
      from auth.users as u where u.id = ${id} and u.email is not null
      on conflict (provider, provider_id) do nothing`;
  });
}

export function withBody(request: Request, body: unknown): Request {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body) });
}

function subjectOf(token: string): string | undefined {
  try {
    const { sub } = decodeJwt(token);
    return z.guid().safeParse(sub).data;
  } catch {
    return undefined;
  }
}
