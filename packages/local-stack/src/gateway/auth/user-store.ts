import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { AuthProblem } from './auth-problem.ts';
import { userColumns, type UserRow } from './user-row.ts';

const metadata = z.record(z.string(), z.json());

/** What the admin routes accept (supabase-js `AdminUserAttributes`). */
export const userAttributesSchema = z.object({
  id: z.uuid().optional(),
  email: z.email().optional(),
  phone: z.string().optional(),
  password: z.string().min(6).max(72).optional(),
  password_hash: z.string().optional(),
  email_confirm: z.boolean().optional(),
  phone_confirm: z.boolean().optional(),
  role: z.string().optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
  ban_duration: z.string().optional(),
});

export type UserAttributes = z.infer<typeof userAttributesSchema>;

export type UserStore = ReturnType<typeof createUserStore>;

/** Users as rows of auth.users and auth.identities. */
export function createUserStore(sql: Sql) {
  const find = async (id: string): Promise<UserRow> => {
    const [row] = await sql<UserRow[]>`select ${userColumns(sql)} from auth.users as u where u.id = ${id}`;
    if (!row) throw new AuthProblem(404, 'user_not_found', 'User not found');
    return row;
  };
  return {
    find,
    async findByEmail(email: string): Promise<UserRow | undefined> {
      const [row] = await sql<UserRow[]>`
        select ${userColumns(sql)} from auth.users as u where u.email = ${email.toLowerCase()}`;
      return row;
    },
    async list(page: number, perPage: number): Promise<{ users: UserRow[]; total: number }> {
      const users = await sql<UserRow[]>`
        select ${userColumns(sql)} from auth.users as u
        order by u.created_at desc, u.id limit ${perPage} offset ${(page - 1) * perPage}`;
      const [count] = await sql<{ total: number }[]>`select count(*)::int as total from auth.users`;
      return { users, total: count?.total ?? 0 };
    },
    async create(attributes: UserAttributes): Promise<UserRow> {
      const id = attributes.id ?? randomUUID();
      await unique(() => insertUser(sql, id, attributes));
      return find(id);
    },
    async update(id: string, attributes: UserAttributes): Promise<UserRow> {
      await find(id);
      await unique(() => updateUser(sql, id, attributes));
      return find(id);
    },
    async remove(id: string, soft: boolean): Promise<void> {
      await find(id);
      if (soft)
        await sql`update auth.users set deleted_at = now(), email = null, phone = null where id = ${id}`;
      else await sql`delete from auth.users where id = ${id}`;
      await sql`delete from auth.sessions where user_id = ${id}`;
    },
    /** Refresh tokens go with their session. */
    async endSession(id: string): Promise<void> {
      await sql`delete from auth.sessions where id = ${id}`;
    },
    /** Stores the hash of a one-time code, good from now on for as long as lite allows. */
    async setToken(id: string, kind: 'confirmation' | 'recovery', hash: string): Promise<void> {
      const columns = { [`${kind}_token`]: hash, [`${kind}_sent_at`]: new Date(), updated_at: new Date() };
      await sql`update auth.users set ${sql(columns)} where id = ${id}`;
    },
  };
}

async function insertUser(sql: Sql, id: string, attributes: UserAttributes): Promise<void> {
  const email = attributes.email?.toLowerCase() ?? null;
  const provider = email === null ? 'phone' : 'email';
  const appMetadata = { provider, providers: [provider], ...attributes.app_metadata };
  const identity = {
    sub: id,
    email,
    phone: attributes.phone ?? null,
    email_verified: false,
    phone_verified: false,
  };
  await sql.begin(async (transaction) => {
    await transaction`
      insert into auth.users (id, aud, role, email, phone, encrypted_password, email_confirmed_at,
        phone_confirmed_at, raw_app_meta_data, raw_user_meta_data, banned_until)
      values (${id}, 'authenticated', ${attributes.role ?? 'authenticated'}, ${email}, ${attributes.phone ?? null},
        ${passwordHash(sql, attributes)}, ${attributes.email_confirm ? new Date() : null},
        ${attributes.phone_confirm ? new Date() : null}, ${sql.json(appMetadata)},
        ${sql.json(attributes.user_metadata ?? {})}, ${banEnd(attributes.ban_duration)})`;
    await transaction`
      insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at)
      values (${randomUUID()}, ${provider}, ${id}, ${id}, ${sql.json(identity)}, now())`;
  });
}

async function updateUser(sql: Sql, id: string, attributes: UserAttributes): Promise<void> {
  const email = attributes.email?.toLowerCase();
  await sql.begin(async (transaction) => {
    await transaction`
      update auth.users set
        email = coalesce(${email ?? null}, email),
        phone = coalesce(${attributes.phone ?? null}, phone),
        role = coalesce(${attributes.role ?? null}, role),
        encrypted_password = coalesce(${passwordHash(sql, attributes)}, encrypted_password),
        email_confirmed_at = case when ${attributes.email_confirm ?? false}
          then coalesce(email_confirmed_at, now()) else email_confirmed_at end,
        phone_confirmed_at = case when ${attributes.phone_confirm ?? false}
          then coalesce(phone_confirmed_at, now()) else phone_confirmed_at end,
        raw_app_meta_data =
          jsonb_strip_nulls(coalesce(raw_app_meta_data, '{}') || ${sql.json(attributes.app_metadata ?? {})}),
        raw_user_meta_data =
          jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}') || ${sql.json(attributes.user_metadata ?? {})}),
        banned_until = case when ${attributes.ban_duration === undefined}
          then banned_until else ${banEnd(attributes.ban_duration)}::timestamptz end,
        updated_at = now()
      where id = ${id}`;
    if (email === undefined) return;
    await transaction`
      update auth.identities set identity_data = identity_data || ${sql.json({ email })}, updated_at = now()
      where user_id = ${id} and provider = 'email'`;
  });
}

/** bcrypt with cost 10, which lite checks at sign-in. */
function passwordHash(sql: Sql, { password, password_hash: hash }: UserAttributes) {
  if (password === undefined) return sql`${hash ?? null}`;
  return sql`extensions.crypt(${password}, extensions.gen_salt('bf', 10))`;
}

/** A Go duration in hours, minutes or seconds ("24h", "100h30m"), or "none". */
function banEnd(duration: string | undefined): Date | null {
  if (duration === undefined || duration === 'none') return null;
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000 };
  const parts = [...duration.matchAll(/(\d+)(h|m|s)/g)];
  const lengthMs = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  if (lengthMs === 0) throw new AuthProblem(400, 'validation_failed', 'invalid format for ban duration');
  return new Date(Date.now() + lengthMs);
}

async function unique(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '23505')) throw error;
    const phone = 'constraint_name' in error && String(error.constraint_name).includes('phone');
    throw new AuthProblem(
      422,
      phone ? 'phone_exists' : 'email_exists',
      `A user with this ${phone ? 'phone number' : 'email address'} has already been registered`,
    );
  }
}
