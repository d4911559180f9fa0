import { fail, redirect } from '@sveltejs/kit';
import { toDataError } from '#lib/data/errors.ts';
import { acceptInvitation } from '#lib/data/organizations.ts';
import { readFields } from '#lib/server/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url }) => {
  const invitation = url.searchParams.get('invitation') ?? '';
  if (locals.user === null) redirect(303, `/sign-up?invitation=${encodeURIComponent(invitation)}`);
  return { email: locals.user.email };
};

export const actions = {
  default: async ({ locals, request, url }) => {
    const { name = '' } = await readFields(request);
    let organizationId: string;
    try {
      const token = url.searchParams.get('invitation') ?? '';
      organizationId = await acceptInvitation(locals.supabase, token, name.trim() || null);
    } catch (thrown) {
      return fail(400, { name, message: toDataError(thrown).message });
    }
    redirect(303, `/${organizationId}/inbox`);
  },
} satisfies Actions;
