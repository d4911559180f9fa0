import { describe, expect, it } from 'vitest';
import { createAttemptSealer } from './attempt-seal.ts';
import { apiKey, publicWebhookBase, webhookUrl } from './fixtures/webhooks.ts';

const attemptId = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90';
const sealer = createAttemptSealer([apiKey]);
const sealed = await sealer.sealedUrl(publicWebhookBase, attemptId);
const seal = new URL(sealed).searchParams.get('h') ?? '';

describe('the seal of an attempt', () => {
  it('opens what it sealed, wherever our functions were reached', async () => {
    expect(await sealer.attemptIn(sealed)).toBe(attemptId);
    expect(await sealer.attemptIn(`http://edge.internal:8081/x?h=${seal}&a=${attemptId}#f`)).toBe(attemptId);
  });

  it('is the same every time, so that a lost answer can still be matched', async () => {
    expect(await createAttemptSealer([apiKey]).sealedUrl(`${publicWebhookBase}/`, attemptId)).toBe(sealed);
  });

  it('shows nothing of the secret and is fit for a query as it is', () => {
    expect(seal).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sealed).not.toContain(apiKey);
    expect(encodeURIComponent(seal)).toBe(seal);
  });

  it.each([
    ['another attempt', sealed.replace('018f4e5a', '018f4e5b')],
    ['a seal with its last character changed', `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'E' : 'A'}`],
    ['a seal cut short', sealed.slice(0, -1)],
    ['a seal with something after it', `${sealed}A`],
    ['no seal', `${webhookUrl}?a=${attemptId}`],
    ['an empty seal', `${webhookUrl}?a=${attemptId}&h=`],
    ['no attempt', `${webhookUrl}?h=${seal}`],
    ['an attempt that is no id', `${webhookUrl}?a=1&h=${seal}`],
    ['no query', webhookUrl],
    ['no address', ''],
    ['attempt and seal in the fragment', sealed.replace('?', '#')],
  ])('does not open with %s', async (_label, url) => {
    expect(await sealer.attemptIn(url)).toBeNull();
  });

  it('of one account is nothing to another', async () => {
    expect(await createAttemptSealer(['KEY of somebody else']).attemptIn(sealed)).toBeNull();
  });

  it('is no plain HMAC under the API key: that key has other uses', async () => {
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(apiKey),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const plain = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(attemptId));
    expect(Buffer.from(plain).toString('base64url')).not.toBe(seal);
  });

  it('of the key before still opens while the key is being replaced, and seals no more', async () => {
    const replaced = createAttemptSealer(['the new key', apiKey]);
    expect(await replaced.attemptIn(sealed)).toBe(attemptId);
    const fresh = await replaced.sealedUrl(publicWebhookBase, attemptId);
    expect(await replaced.attemptIn(fresh)).toBe(attemptId);
    expect(await sealer.attemptIn(fresh)).toBeNull();
  });
});
