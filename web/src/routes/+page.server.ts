import { redirect } from '@sveltejs/kit';
import { findLanding } from '#lib/server/landing.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  redirect(303, locals.user === null ? '/sign-in' : await findLanding(locals.supabase, null));
};
