import type { Sql } from 'postgres';
import { demoOrganizations, demoPassword } from '../../../supabase/seed/demo-organizations.ts';
import { seed } from '../../../supabase/seed/seed.ts';
import type { StackKeys } from './keys.ts';
import type { Stack, StackAccount } from './stack-file.ts';

/** Writes the demo into a database without any organization. @returns whether it did */
export async function seedDemo(sql: Sql, apiUrl: string, secretKey: string): Promise<boolean> {
  const [known] = await sql`select exists (select from public.organizations) as any`;
  if (known?.['any'] === true) return false;
  await seed({ sql, apiUrl, secretKey });
  return true;
}

/** The demo's organization and sign-ins, as far as they (still) exist in the database. */
export async function describeDemo(sql: Sql): Promise<Pick<Stack, 'organization' | 'accounts'>> {
  const rows = await sql<{ id: string; slug: string; email: string; role: StackAccount['role'] }[]>`
    select o.id, o.slug, m.email, m.role from public.organizations as o
    join public.members as m on m.organization_id = o.id`;
  const accounts = demoOrganizations.flatMap(({ slug, members }) =>
    members.flatMap(({ email }) => {
      const row = rows.find((candidate) => candidate.slug === slug && candidate.email === email);
      return row ? [{ email, password: demoPassword, role: row.role, organizationId: row.id }] : [];
    }),
  );
  const [first] = demoOrganizations;
  const id = rows.find(({ slug }) => slug === first.slug)?.id ?? '';
  return {
    organization: { id, phoneNumber: first.carrierAccounts[0].numbers[0]?.phoneNumber ?? '' },
    accounts,
  };
}

/** The sign-ins the demo will have, offered on the sign-in page. */
export function demoSignIns(): { email: string; password: string; role: string; organization: string }[] {
  return demoOrganizations.flatMap(({ name, members }) =>
    members.map(({ email, role }) => ({ email, password: demoPassword, role, organization: name })),
  );
}

const demoCarrierAccounts = demoOrganizations.flatMap(({ carrierAccounts }) => carrierAccounts);

/** PROVIDER_CREDENTIALS: every demo account is served by the simulated carrier. */
export function demoProviderCredentials(keys: StackKeys, carrierUrl: string): string {
  const entries = demoCarrierAccounts.map(({ credentialsRef, provider, accountRef }) => [
    credentialsRef,
    provider === 'twilio'
      ? { provider, accountSid: accountRef, authToken: keys.carrierAuthToken, apiBaseUrl: carrierUrl }
      : {
          provider,
          accountRef,
          apiKey: keys.telnyxApiKey,
          publicKey: keys.telnyxPublicKey,
          apiBaseUrl: carrierUrl,
        },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** CARRIER_ACCOUNTS: the same accounts as the simulator sees them. */
export function demoSimulatorAccounts(keys: StackKeys, functionsUrl: string): string {
  return JSON.stringify(
    demoCarrierAccounts.map(({ provider, accountRef, numbers }) => ({
      provider,
      ...(provider === 'twilio'
        ? { accountSid: accountRef, authToken: keys.carrierAuthToken }
        : { accountRef, apiKey: keys.telnyxApiKey, privateKey: keys.telnyxPrivateKey }),
      numbers: numbers.map(({ phoneNumber, label }) => ({ phoneNumber, label })),
      inboundWebhookUrl: `${functionsUrl}/provider-webhook/${provider}`,
    })),
  );
}
