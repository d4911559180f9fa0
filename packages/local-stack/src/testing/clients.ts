import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { inject } from 'vitest';
import '../stack-file.ts';

const stack = inject('stack');
const options = { auth: { persistSession: false, autoRefreshToken: false } };

/** A stock client with the publishable key, or with the key given. */
export function client(key: string = stack.publishableKey) {
  return createClient(stack.apiUrl, key, options);
}

/** A stock client with the secret key. */
export function serverClient() {
  return client(stack.secretKey);
}

export function uniqueEmail(): string {
  return `${randomUUID()}@test.example`;
}

export const password = 'correct horse battery';

/** A confirmed account of its own, and a client signed in to it. */
export async function signedInClient() {
  const email = uniqueEmail();
  const created = await serverClient().auth.admin.createUser({ email, password, email_confirm: true });
  if (created.error) throw created.error;
  const own = client();
  const { error } = await own.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return { client: own, userId: created.data.user.id, email };
}
