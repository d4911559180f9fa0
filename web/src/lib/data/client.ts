import { createBrowserClient } from '@supabase/ssr';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { PUBLIC_SUPABASE_PUBLISHABLE_KEY, PUBLIC_SUPABASE_URL } from '$app/env/public';
import { limitFetch, requestLimit } from './limited-fetch.ts';

interface Table {
  Row: Record<string, unknown>;
  Insert: Record<string, unknown>;
  Update: Record<string, unknown>;
  Relationships: [];
}

/** Says nothing about shapes on purpose: every answer is unknown until a data module has parsed it. */
export interface Unparsed {
  public: {
    Tables: Record<string, Table>;
    Views: Record<string, never>;
    Functions: Record<string, { Args: Record<string, unknown>; Returns: unknown }>;
  };
}

export type Client = SupabaseClient<Unparsed>;

/** The client of this browser tab. It shares the session with the server through cookies and refreshes it by itself. */
export function connectBrowser(): Client {
  return createBrowserClient<Unparsed>(PUBLIC_SUPABASE_URL, PUBLIC_SUPABASE_PUBLISHABLE_KEY, {
    global: { fetch: limitFetch(requestLimit) },
  });
}

/** Stands in while a page is rendered on the server, where components only show what `load` fetched. */
export function connectNobody(): Client {
  return createClient<Unparsed>(PUBLIC_SUPABASE_URL, PUBLIC_SUPABASE_PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
