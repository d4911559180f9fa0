import type {
  Provider,
  ProviderAccount,
  SignatureVerdict,
  WebhookEvent,
  WebhookRequest,
} from './provider.ts';

/** A webhook whose signature was checked, or why it was not even that far. */
export type OpenedWebhook =
  | { readonly kind: 'authentic'; readonly account: ProviderAccount; readonly event: WebhookEvent }
  | { readonly kind: 'refused'; readonly verdict: Exclude<SignatureVerdict, 'valid'> }
  | { readonly kind: 'malformed'; readonly problem: 'content_type' | 'body' };

/**
 * Reads a webhook and finds the account whose key signed it. What the body says of its account only narrows the
 * choice; the signature decides. Only then is the attempt looked at, and only the account can vouch for that.
 */
export async function openWebhook(
  provider: Provider,
  accounts: readonly ProviderAccount[],
  webhook: WebhookRequest,
): Promise<OpenedWebhook> {
  const reading = provider.readWebhook(webhook);
  if (!reading.ok) return { kind: 'malformed', problem: reading.problem };
  let refusal: Exclude<SignatureVerdict, 'valid'> = 'invalid';
  for (const account of candidates(accounts, provider, reading)) {
    const verdict = await account.verify(webhook);
    if (verdict === 'valid') return authentic(account, reading.event, webhook);
    refusal = verdict;
    if (verdict === 'missing') break;
  }
  return { kind: 'refused', verdict: refusal };
}

/**
 * Two accounts may share one key. The one for this group of senders comes first, and none is left out for being for
 * another: an event at the wrong account is kept and can be put right, a refused one is lost.
 */
function candidates(
  accounts: readonly ProviderAccount[],
  provider: Provider,
  named: { readonly accountRef: string | null; readonly senderPool: string | null },
): ProviderAccount[] {
  const distance = ({ senderPool }: ProviderAccount) => {
    if (senderPool === null) return 1;
    return senderPool === named.senderPool ? 0 : 2;
  };
  return accounts
    .filter((account) => account.provider === provider.name)
    .filter(({ accountRef }) => named.accountRef === null || accountRef === named.accountRef)
    .sort((one, other) => distance(one) - distance(other));
}

async function authentic(
  account: ProviderAccount,
  event: WebhookEvent,
  webhook: WebhookRequest,
): Promise<OpenedWebhook> {
  if (event.kind !== 'delivery') return { kind: 'authentic', account, event };
  return { kind: 'authentic', account, event: { ...event, attemptId: await account.attemptOf(webhook) } };
}
