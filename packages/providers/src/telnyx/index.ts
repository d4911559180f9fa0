import { CredentialProblem } from '../provider.ts';
import type { Clock, Provider, ProviderAccount, WebhookRequest } from '../provider.ts';
import { optionalText, ownHostHeaders, readApiBaseUrl, requiredText } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { createAttemptSealer } from './attempt-seal.ts';
import type { AttemptSealer } from './attempt-seal.ts';
import { cancelMessage } from './cancel.ts';
import { listInboundRecords, readInboundMessage } from './inbound-log.ts';
import { lookUpMessage } from './look-up.ts';
import { readMessageStatus } from './read-status.ts';
import { sendMessage } from './send.ts';
import { decodeBase64, PUBLIC_KEY_BYTES, verifySignature } from './signature.ts';
import { acknowledgeTelnyx, messageWebhookUrl, readTelnyxWebhook, telnyxWebhookUrl } from './webhook.ts';

const DEFAULT_API = 'https://api.telnyx.com';

export const telnyx: Provider = {
  name: 'telnyx',
  redelivery:
    'By itself: three deliveries to the address of the message, then three to each of the two of its messaging profile, until one is answered 2xx within two seconds.',
  openAccount,
  webhookUrl: telnyxWebhookUrl,
  readWebhook: readTelnyxWebhook,
  acknowledge: acknowledgeTelnyx,
};

function openAccount(settings: Settings, now: Clock = Date.now): ProviderAccount {
  const accountRef = requiredText(settings, 'accountRef');
  const apiKey = requiredText(settings, 'apiKey');
  const previousApiKey = optionalText(settings, 'previousApiKey');
  const publicKeys = readPublicKeys(settings);
  const messagingProfileId = optionalText(settings, 'messagingProfileId');
  const sealer = createAttemptSealer(previousApiKey === null ? [apiKey] : [apiKey, previousApiKey]);
  const account = {
    apiBaseUrl: readApiBaseUrl(settings, DEFAULT_API),
    authorization: `Bearer ${apiKey}`,
    messagingProfileId,
    sealer,
    now,
  };
  return {
    provider: 'telnyx',
    accountRef,
    senderPool: messagingProfileId,
    send: (request, http) => sendMessage(account, request, http),
    lookUp: (request, http) => lookUpMessage(account, request, http),
    readStatus: (request, http) => readMessageStatus(account, request, http),
    listInbound: (request, http) => listInboundRecords(account, request, http),
    readInbound: (request, http) => readInboundMessage(account, request, http),
    cancelScheduled: (request, http) => cancelMessage(account, request, http),
    verify: (request) => verifySignature(request, publicKeys, now()),
    attemptOf: (request) => attemptOf(sealer, request),
    mediaHeaders: (url) => ownHostHeaders(url, account),
  };
}

/**
 * The body repeats the address the message was sent with, and the body is signed: so it counts before the address that
 * was called, which may be that of the messaging profile, or one that somebody else's report is played back to. The
 * address counts where the body has none. Neither counts without our seal.
 */
async function attemptOf(sealer: AttemptSealer, request: WebhookRequest): Promise<string | null> {
  const repeated = await sealer.attemptIn(messageWebhookUrl(request) ?? '');
  return repeated ?? (await sealer.attemptIn(request.url));
}

function readPublicKeys(settings: Settings): Uint8Array<ArrayBuffer>[] {
  const current = readPublicKey('publicKey', requiredText(settings, 'publicKey'));
  const previous = optionalText(settings, 'previousPublicKey');
  return previous === null ? [current] : [current, readPublicKey('previousPublicKey', previous)];
}

function readPublicKey(name: string, text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64(text, PUBLIC_KEY_BYTES);
  if (bytes === null) throw new CredentialProblem(`${name} must be 32 bytes in base64`);
  return bytes;
}
