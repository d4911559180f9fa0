import type { Client } from './data/client.ts';

/** Goes to the sign-in page when the session ends, here or in another tab; the returned function stops watching. */
export function leaveWhenSignedOut(client: Client): () => void {
  const { data } = client.auth.onAuthStateChange((event) => {
    if (event === 'SIGNED_OUT') location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  });
  return () => data.subscription.unsubscribe();
}
