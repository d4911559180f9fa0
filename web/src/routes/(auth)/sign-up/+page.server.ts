import { fail, redirect } from '@sveltejs/kit';
import { z } from '#lib/data/schema.ts';
import { explainAuthError } from '#lib/server/auth-words.ts';
import { problemsOf, readFields } from '#lib/server/forms.ts';
import { findLanding } from '#lib/server/landing.ts';
import type { Actions, PageServerLoad } from './$types';

const form = z.object({
  email: z.email('Enter your email address.'),
  password: z.string().min(8, 'Use at least 8 characters.'),
});

export const load: PageServerLoad = async ({ locals, url }) => {
  const invitation = url.searchParams.get('invitation');
  if (locals.user !== null) redirect(303, await findLanding(locals.supabase, invitation));
  return { invitation };
};

export const actions = {
  default: async ({ locals, request, url }) => {
    const fields = await readFields(request);
    const email = fields['email'] ?? '';
    const parsed = form.safeParse(fields);
    if (!parsed.success) return fail(400, { email, problems: problemsOf(parsed.error), message: null });
    const { data, error } = await locals.supabase.auth.signUp(parsed.data);
    if (error !== null) return fail(400, { email, problems: problemsOf(), message: explainAuthError(error) });
    if (data.session === null) {
      return fail(400, {
        email,
        problems: problemsOf(),
        message: 'Almost there: confirm the link in the email we sent you, then sign in.',
      });
    }
    redirect(303, await findLanding(locals.supabase, url.searchParams.get('invitation')));
  },
} satisfies Actions;
