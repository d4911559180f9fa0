import { fail, redirect } from '@sveltejs/kit';
import { PUBLIC_DEMO_ACCOUNTS } from '$app/env/private';
import { z } from '#lib/data/schema.ts';
import { explainAuthError } from '#lib/server/auth-words.ts';
import { problemsOf, readFields } from '#lib/server/forms.ts';
import { findLanding, safeNext } from '#lib/server/landing.ts';
import type { Actions, PageServerLoad } from './$types';

const form = z.object({
  email: z.email('Enter your email address.'),
  password: z.string().min(1, 'Enter your password.'),
});

export const load: PageServerLoad = async ({ locals, url }) => {
  const invitation = url.searchParams.get('invitation');
  if (locals.user !== null) {
    redirect(303, safeNext(url.searchParams.get('next')) ?? (await findLanding(locals.supabase, invitation)));
  }
  return { invitation, demoAccounts: PUBLIC_DEMO_ACCOUNTS };
};

export const actions = {
  default: async ({ locals, request, url }) => {
    const fields = await readFields(request);
    const email = fields['email'] ?? '';
    const parsed = form.safeParse(fields);
    if (!parsed.success) return fail(400, { email, problems: problemsOf(parsed.error), message: null });
    const { error } = await locals.supabase.auth.signInWithPassword(parsed.data);
    if (error !== null) return fail(400, { email, problems: problemsOf(), message: explainAuthError(error) });
    const next = safeNext(url.searchParams.get('next'));
    redirect(303, next ?? (await findLanding(locals.supabase, url.searchParams.get('invitation'))));
  },
} satisfies Actions;
