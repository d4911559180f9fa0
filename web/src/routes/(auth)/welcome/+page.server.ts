import { fail, redirect } from '@sveltejs/kit';
import { toDataError } from '#lib/data/errors.ts';
import { createOrganization, listOrganizations, listSuspensions } from '#lib/data/organizations.ts';
import { z } from '#lib/data/schema.ts';
import { problemsOf, readFields } from '#lib/server/forms.ts';
import { organizationPath } from '#lib/paths.ts';
import type { Actions, PageServerLoad } from './$types';

const form = z.object({
  name: z.string().trim().min(1, 'Give your organization a name.').max(120, 'Use at most 120 characters.'),
  timeZone: z.string().min(1),
});

export const load: PageServerLoad = async ({ locals }) => {
  if (locals.user === null) redirect(303, '/sign-in?next=/welcome');
  const [organizations, suspensions] = await Promise.all([
    listOrganizations(locals.supabase),
    listSuspensions(locals.supabase),
  ]);
  return { email: locals.user.email, organizations, suspensions };
};

export const actions = {
  default: async ({ locals, request }) => {
    const fields = await readFields(request);
    const name = fields['name'] ?? '';
    const parsed = form.safeParse({ ...fields, timeZone: fields['timeZone'] || locals.timeZone });
    if (!parsed.success) return fail(400, { name, problems: problemsOf(parsed.error), message: null });
    let id: string;
    try {
      id = await createOrganization(locals.supabase, parsed.data.name, parsed.data.timeZone);
    } catch (thrown) {
      return fail(400, { name, problems: problemsOf(), message: toDataError(thrown).message });
    }
    const created = (await listOrganizations(locals.supabase)).find((organization) => organization.id === id);
    redirect(303, created === undefined ? '/' : `${organizationPath(created)}/inbox`);
  },
} satisfies Actions;
