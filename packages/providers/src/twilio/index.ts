import { CredentialProblem } from '../provider.ts';
import type { Provider, ProviderAccount } from '../provider.ts';
import { sendMessage } from './send.ts';
import { verifySignature } from './signature.ts';
import { acknowledgeTwilio, readTwilioWebhook, REDELIVERY_FRAGMENT, twilioWebhookUrl } from './webhook.ts';

const DEFAULT_API = 'https://api.twilio.com';
const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const twilio: Provider = {
  name: 'twilio',
  redelivery: `By the fragment ${REDELIVERY_FRAGMENT} on every webhook URL: up to five more deliveries after a 5xx or a time-out.`,
  openAccount,
  webhookUrl: twilioWebhookUrl,
  readWebhook: readTwilioWebhook,
  acknowledge: acknowledgeTwilio,
};

function openAccount(settings: Readonly<Record<string, unknown>>): ProviderAccount {
  const accountSid = requiredText(settings, 'accountSid');
  if (!/^AC[0-9A-Za-z]{32}$/.test(accountSid)) {
    throw new CredentialProblem('accountSid must be "AC" followed by 32 letters or digits');
  }
  const authToken = requiredText(settings, 'authToken');
  const previousAuthToken = optionalText(settings, 'previousAuthToken');
  const apiBaseUrl = readApiBaseUrl(optionalText(settings, 'apiBaseUrl') ?? DEFAULT_API);
  const account = { accountSid, apiBaseUrl, authorization: authorization(settings, accountSid, authToken) };
  // Twilio signs webhooks with the account's token even where the API is called with a key.
  const signingTokens = previousAuthToken === null ? [authToken] : [authToken, previousAuthToken];
  return {
    provider: 'twilio',
    accountRef: accountSid,
    send: (request, http) => sendMessage(account, request, http),
    verify: (request) => verifySignature(request, signingTokens),
    mediaHeaders: (url) => mediaHeaders(url, account),
  };
}

function authorization(
  settings: Readonly<Record<string, unknown>>,
  accountSid: string,
  authToken: string,
): string {
  const keySid = optionalText(settings, 'apiKeySid');
  const keySecret = optionalText(settings, 'apiKeySecret');
  if ((keySid === null) !== (keySecret === null)) {
    throw new CredentialProblem('apiKeySid and apiKeySecret must be given together');
  }
  return `Basic ${btoa(`${keySid ?? accountSid}:${keySecret ?? authToken}`)}`;
}

function mediaHeaders(
  url: string,
  account: { apiBaseUrl: string; authorization: string },
): Readonly<Record<string, string>> {
  const isCarriersOwn = URL.canParse(url) && new URL(url).origin === new URL(account.apiBaseUrl).origin;
  return isCarriersOwn ? { authorization: account.authorization } : {};
}

function readApiBaseUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.has(url.hostname));
  if (!isSafe) throw new CredentialProblem('apiBaseUrl must be an https URL (http only on this machine)');
  return value.replace(/\/+$/, '');
}

function requiredText(settings: Readonly<Record<string, unknown>>, name: string): string {
  const value = optionalText(settings, name);
  if (value === null) throw new CredentialProblem(`${name} is missing`);
  return value;
}

function optionalText(settings: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = settings[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw new CredentialProblem(`${name} must be text`);
  return value;
}
