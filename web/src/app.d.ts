import type { Client } from '#lib/data/client.ts';
import type { SignedInUser } from '#lib/server/session.ts';

declare global {
  namespace App {
    interface Locals {
      /** The Supabase client of this request, acting as the person who made it. */
      supabase: Client;
      /** Null when nobody is signed in. The session was verified with the Auth server. */
      user: SignedInUser | null;
      timeZone: string;
    }
  }
}

export {};
