import { CredentialProblem } from '../provider.ts';
import type { Clock, Provider, ProviderAccount } from '../provider.ts';
import { optionalText, ownHostHeaders, readApiBaseUrl, requiredText } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { cancelMessage } from './cancel.ts';
import { listInboundMessages, readInboundMessage } from './inbound-log.ts';
import { lookUpMessage } from './look-up.ts';
import { readMessageStatus } from './read-status.ts';
import { sendMessage } from './send.ts';
import { verifySignature } from './signature.ts';
import {
  acknowledgeTwilio,
  attemptIn,
  readTwilioWebhook,
  REDELIVERY_FRAGMENT,
  twilioWebhookUrl,
} from './webhook.ts';

const DEFAULT_API = 'https://api.twilio.com';

export const twilio: Provider = {
  name: 'twilio',
  redelivery: `By the fragment ${REDELIVERY_FRAGMENT} on every webhook URL: up to five more deliveries after a 5xx or a time-out.`,
  openAccount,
  webhookUrl: twilioWebhookUrl,
  readWebhook: readTwilioWebhook,
  acknowledge: acknowledgeTwilio,
};

function openAccount(settings: Settings, now: Clock = Date.now): ProviderAccount {
  const accountSid = requiredText(settings, 'accountSid');
  if (!/^AC[0-9A-Za-z]{32}$/.test(accountSid)) {
    throw new CredentialProblem('accountSid must be "AC" followed by 32 letters or digits');
  }
  const authToken = requiredText(settings, 'authToken');
  const previousAuthToken = optionalText(settings, 'previousAuthToken');
  const apiBaseUrl = readApiBaseUrl(settings, DEFAULT_API);
  const account = {
    accountSid,
    apiBaseUrl,
    authorization: authorization(settings, accountSid, authToken),
    now,
  };
  // Twilio signs webhooks with the account's token even where the API is called with a key.
  const signingTokens = previousAuthToken === null ? [authToken] : [authToken, previousAuthToken];
  return {
    provider: 'twilio',
    accountRef: accountSid,
    senderPool: null,
    send: (request, http) => sendMessage(account, request, http),
    lookUp: (request, http) => lookUpMessage(account, request, http),
    readStatus: (request, http) => readMessageStatus(account, request, http),
    listInbound: (request, http) => listInboundMessages(account, request, http),
    readInbound: (request, http) => readInboundMessage(account, request, http),
    cancelScheduled: (request, http) => cancelMessage(account, request, http),
    verify: (request) => verifySignature(request, signingTokens),
    // Twilio signs the address with its query, so the signature vouches for the attempt as well.
    attemptOf: (request) => Promise.resolve(attemptIn(request.url)),
    mediaHeaders: (url) => ownHostHeaders(url, account),
  };
}

function authorization(settings: Settings, accountSid: string, authToken: string): string {
  const keySid = optionalText(settings, 'apiKeySid');
  const keySecret = optionalText(settings, 'apiKeySecret');
  if ((keySid === null) !== (keySecret === null)) {
    throw new CredentialProblem('apiKeySid and apiKeySecret must be given together');
  }
  return `Basic ${btoa(`${keySid ?? accountSid}:${keySecret ?? authToken}`)}`;
}
