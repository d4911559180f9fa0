import { describe, expect, it } from 'vitest';
import { cannedCarrier, sampleSend } from '../contract.ts';
import { openWebhook } from '../open-webhook.ts';
import type { WebhookRequest } from '../provider.ts';
import { acceptedReply, profileId } from './fixtures/replies.ts';
import { publicKey, signedAt } from './fixtures/signature-vectors.ts';
import { accountRef, apiKey, deliveryBody, jsonRequest, sign, webhookUrl } from './fixtures/webhooks.ts';
import { telnyx } from './index.ts';

const settings = { accountRef, apiKey, publicKey };
const now = () => signedAt;

function sentBody(carrier: ReturnType<typeof cannedCarrier>): Record<string, unknown> {
  return JSON.parse(carrier.requests[0]?.body ?? '{}') as Record<string, unknown>;
}

describe('a Telnyx account', () => {
  it('speaks to the API base it is given, and shows its key there and nowhere else', async () => {
    const account = telnyx.openAccount({ ...settings, apiBaseUrl: 'http://127.0.0.1:4501/' }, now);
    const carrier = cannedCarrier(acceptedReply);
    await account.send(sampleSend, carrier.http);
    expect(carrier.requests[0]?.url).toBe('http://127.0.0.1:4501/v2/messages');
    expect(account.mediaHeaders('http://127.0.0.1:4501/media/1')).toEqual({
      authorization: `Bearer ${apiKey}`,
    });
    expect(account.mediaHeaders('http://127.0.0.1:4502/media/1')).toEqual({});
    expect(account.mediaHeaders('https://api.telnyx.com/media/1')).toEqual({});
  });

  it('sends from its messaging profile, unless the message names another', async () => {
    const account = telnyx.openAccount({ ...settings, messagingProfileId: profileId }, now);
    const usual = cannedCarrier(acceptedReply);
    const named = cannedCarrier(acceptedReply);
    await account.send(sampleSend, usual.http);
    await account.send({ ...sampleSend, senderPool: 'another' }, named.http);
    expect(sentBody(usual)['messaging_profile_id']).toBe(profileId);
    expect(sentBody(named)['messaging_profile_id']).toBe('another');
  });
});

describe('the attempt of a delivery report', () => {
  const account = telnyx.openAccount(settings, now);
  const other = telnyx.openAccount({ ...settings, apiKey: 'KEY of somebody else' }, now);

  async function sealedUrl(attemptId = sampleSend.attemptId): Promise<string> {
    const carrier = cannedCarrier(acceptedReply);
    await account.send({ ...sampleSend, attemptId }, carrier.http);
    return String(sentBody(carrier)['webhook_url']);
  }

  async function attemptOf(request: WebhookRequest): Promise<string | null> {
    const opened = await openWebhook(telnyx, [account], await sign(request));
    return opened.kind === 'authentic' && opened.event.kind === 'delivery' ? opened.event.attemptId : null;
  }

  it('is not believed from an address alone, however genuine the signature is', async () => {
    const forged = `${webhookUrl}?a=${sampleSend.attemptId}&h=${'A'.repeat(43)}`;
    expect(await attemptOf(jsonRequest(deliveryBody('delivered'), forged))).toBeNull();
    const url = await sealedUrl();
    const strangers = url.replace(sampleSend.attemptId, '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91');
    expect(await attemptOf(jsonRequest(deliveryBody('delivered'), strangers))).toBeNull();
  });

  it('is found in the body where the profile’s address was called instead', async () => {
    const webhook_url = await sealedUrl();
    expect(await attemptOf(jsonRequest(deliveryBody('delivered', { webhook_url })))).toBe(
      sampleSend.attemptId,
    );
    const unsealed = webhook_url.replace(/&h=.*/, '');
    expect(await attemptOf(jsonRequest(deliveryBody('delivered', { webhook_url: unsealed })))).toBeNull();
  });

  it('is that of the signed body where a genuine report is played back to another sealed address', async () => {
    const webhook_url = await sealedUrl();
    const another = await sealedUrl('018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f91');
    const request = jsonRequest(deliveryBody('delivered', { webhook_url }), another);
    expect(await attemptOf(request)).toBe(sampleSend.attemptId);
  });

  it('of one account is unknown to another with the same public key', async () => {
    const request = await sign(jsonRequest(deliveryBody('delivered'), await sealedUrl()));
    expect(await account.attemptOf(request)).toBe(sampleSend.attemptId);
    expect(await other.attemptOf(request)).toBeNull();
  });
});
