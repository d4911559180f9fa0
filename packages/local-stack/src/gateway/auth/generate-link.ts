import { createHash, randomInt } from 'node:crypto';
import { z } from 'zod';
import { AuthProblem } from './auth-problem.ts';
import { toUser, type UserRow } from './user-row.ts';
import type { UserStore } from './user-store.ts';

const requestSchema = z.object({
  type: z.enum(['signup', 'invite', 'magiclink', 'recovery']),
  email: z.email(),
  password: z.string().min(6).optional(),
  data: z.record(z.string(), z.json()).optional(),
  redirect_to: z.string().optional(),
});
type LinkRequest = z.infer<typeof requestSchema>;

/**
 * Answers `POST /admin/generate_link` and `POST /invite`: a one-time link that signs an account in, made for it where
 * there is none. No mail is sent: the caller gets the link.
 */
export async function answerGenerateLink(
  body: unknown,
  users: UserStore,
  addresses: { publicUrl: string; siteUrl: string },
): Promise<Response> {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) {
    throw new AuthProblem(400, 'validation_failed', parsed.error.issues[0]?.message ?? 'Malformed request');
  }
  const wanted = parsed.data;
  const user = await findOrCreate(wanted, users);
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  // lite looks for the hash of address and code.
  const hash = createHash('sha256').update(`${wanted.email.toLowerCase()}${code}`).digest('hex');
  await users.setToken(user.id, isFirstSignIn(wanted) ? 'confirmation' : 'recovery', hash);
  const redirectTo = wanted.redirect_to ?? addresses.siteUrl;
  const link = new URL(`${addresses.publicUrl}/auth/v1/verify`);
  link.search = new URLSearchParams({ token: hash, type: wanted.type, redirect_to: redirectTo }).toString();
  return Response.json({
    ...toUser(user),
    action_link: link.href,
    email_otp: code,
    hashed_token: hash,
    verification_type: wanted.type,
    redirect_to: redirectTo,
  });
}

function isFirstSignIn({ type }: LinkRequest): boolean {
  return type === 'signup' || type === 'invite';
}

async function findOrCreate(wanted: LinkRequest, users: UserStore): Promise<UserRow> {
  const known = await users.findByEmail(wanted.email);
  if (known && isFirstSignIn(wanted) && known.email_confirmed_at !== null) {
    throw new AuthProblem(422, 'email_exists', 'A user with this email address has already been registered');
  }
  if (known) return known;
  if (wanted.type === 'recovery')
    throw new AuthProblem(404, 'user_not_found', 'User with this email not found');
  return users.create({ email: wanted.email, password: wanted.password, user_metadata: wanted.data });
}
