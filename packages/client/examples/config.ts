import type { ClientOptions } from '@threadline/client';

/** From the environment, so that no key is written into a program. */
export function readConfig(): ClientOptions {
  return {
    supabaseUrl: process.env['SUPABASE_URL'] ?? '',
    secretKey: process.env['SUPABASE_SECRET_KEY'] ?? '',
    organizationId: process.env['ORGANIZATION_ID'] ?? '',
  };
}
