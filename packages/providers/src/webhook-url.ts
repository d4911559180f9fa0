/** Path below the public base of our functions where every carrier's webhooks arrive. */
export const WEBHOOK_FUNCTION = 'provider-webhook';

/** The address signatures are computed over, before any query string. */
export function webhookAddress(publicWebhookBase: string, providerName: string): string {
  return `${publicWebhookBase.replace(/\/+$/, '')}/${WEBHOOK_FUNCTION}/${providerName}`;
}
