/** Path below the public base of our functions where every carrier's webhooks arrive. */
export const WEBHOOK_FUNCTION = 'provider-webhook';

/** The address signatures are computed over, before any query string. */
export function webhookAddress(publicWebhookBase: string, providerName: string): string {
  return `${publicWebhookBase.replace(/\/+$/, '')}/${WEBHOOK_FUNCTION}/${providerName}`;
}

/** The query of an address, without a fragment. */
export function queryOf(url: string): URLSearchParams {
  const [address = ''] = url.split('#', 1);
  const start = address.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : address.slice(start + 1));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An attempt's id as we write it; null for whatever is none. */
export function readAttemptId(text: string | null): string | null {
  return text !== null && UUID.test(text) ? text.toLowerCase() : null;
}
