import { CredentialProblem, parseProviderCredentials } from '@threadline/providers';
import type { ProviderAccount } from '@threadline/providers';
import { ConfigProblem, readApiConfig, readUrl, required } from './api-config.ts';
import type { ApiConfig, ReadVariable } from './api-config.ts';

export { ConfigProblem } from './api-config.ts';

export interface FunctionConfig extends ApiConfig {
  /** Public address of our functions, as carriers call them; signatures are computed over it. */
  readonly publicWebhookBase: string;
  readonly accounts: readonly ProviderAccount[];
}

/** Reads the environment of a function that takes carriers' webhooks. @throws ConfigProblem */
export function readFunctionConfig(read: ReadVariable): FunctionConfig {
  return {
    ...readApiConfig(read),
    publicWebhookBase: readUrl(read, 'PUBLIC_WEBHOOK_BASE'),
    accounts: readAccounts(read),
  };
}

function readAccounts(read: ReadVariable): readonly ProviderAccount[] {
  try {
    return [...parseProviderCredentials(required(read, 'PROVIDER_CREDENTIALS')).values()];
  } catch (problem) {
    if (problem instanceof CredentialProblem)
      throw new ConfigProblem(`PROVIDER_CREDENTIALS: ${problem.message}`);
    throw problem;
  }
}
