import { defineEnvVars } from '@sveltejs/kit/env';
import { building } from '$app/env';
import { z } from 'zod';

const demoAccounts = z.array(
  z.object({
    email: z.email(),
    password: z.string(),
    role: z.enum(['owner', 'admin', 'agent']),
    organization: z.string(),
  }),
);

export type DemoAccount = z.infer<typeof demoAccounts>[number];

const apiUrl = z.url({ protocol: /^https?$/ });

/** SvelteKit runs the app once while building it, where no variable is set yet; the address is any that parses. */
const unset = building ? 'http://unset.invalid' : undefined;

export const variables = defineEnvVars({
  PUBLIC_SUPABASE_URL: {
    public: true,
    description: 'Base address of the Supabase API, as browsers reach it',
    schema: (value) => apiUrl.parse(value ?? unset).replace(/\/+$/, ''),
  },
  PUBLIC_SUPABASE_PUBLISHABLE_KEY: {
    public: true,
    description: 'The publishable API key',
    schema: (value) =>
      z
        .string()
        .min(1)
        .parse(value ?? unset),
  },
  PUBLIC_DEMO_ACCOUNTS: {
    description:
      'JSON list of {email, password, role, organization} offered on the sign-in page; demo stacks only',
    schema: (value): DemoAccount[] => (value ? demoAccounts.parse(JSON.parse(value)) : []),
  },
});
