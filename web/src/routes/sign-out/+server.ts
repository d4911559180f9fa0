import { redirect } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ locals }) => {
  // `local`: other devices of the same person stay signed in.
  await locals.supabase.auth.signOut({ scope: 'local' });
  redirect(303, '/sign-in');
};
