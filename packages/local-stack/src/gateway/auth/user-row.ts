import type { Sql } from 'postgres';

/** One row of auth.users with its identities, as the admin routes read it. Times are ISO 8601 texts. */
export type UserRow = {
  id: string;
  aud: string | null;
  role: string | null;
  email: string | null;
  phone: string | null;
  email_confirmed_at: Date | null;
  phone_confirmed_at: Date | null;
  confirmed_at: Date | null;
  last_sign_in_at: Date | null;
  invited_at: Date | null;
  banned_until: Date | null;
  deleted_at: Date | null;
  raw_app_meta_data: Record<string, unknown> | null;
  raw_user_meta_data: Record<string, unknown> | null;
  is_anonymous: boolean;
  created_at: Date;
  updated_at: Date;
  identities: unknown[] | null;
};

/** The columns of UserRow, for a query over `auth.users as u`. */
export function userColumns(sql: Sql) {
  return sql`
    u.id, u.aud, u.role, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.confirmed_at,
    u.last_sign_in_at, u.invited_at, u.banned_until, u.deleted_at, u.raw_app_meta_data, u.raw_user_meta_data,
    u.is_anonymous, u.created_at, u.updated_at,
    (select jsonb_agg(jsonb_build_object(
        'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
        'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
        'updated_at', i.updated_at, 'email', i.email) order by i.created_at)
      from auth.identities as i where i.user_id = u.id) as identities`;
}

/** The user object of the Auth API. */
export function toUser(row: UserRow): Record<string, unknown> {
  const optional = {
    email_confirmed_at: row.email_confirmed_at,
    phone_confirmed_at: row.phone_confirmed_at,
    confirmed_at: row.confirmed_at,
    last_sign_in_at: row.last_sign_in_at,
    invited_at: row.invited_at,
    banned_until: row.banned_until,
    deleted_at: row.deleted_at,
  };
  const present = Object.entries(optional).filter(([, value]) => value !== null);
  return {
    id: row.id,
    aud: row.aud ?? 'authenticated',
    role: row.role ?? 'authenticated',
    email: row.email ?? '',
    phone: row.phone ?? '',
    ...Object.fromEntries(present),
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    identities: row.identities ?? [],
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_anonymous: row.is_anonymous,
  };
}
