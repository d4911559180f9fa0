import { createHash } from 'node:crypto';
import Telnyx from 'telnyx';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebhookRequest } from '../provider.ts';
import {
  publicKey,
  shortBody,
  shortSignature,
  signedAt,
  stopBody,
  stopBodySha256,
  stopSignature,
  timestamp,
} from './fixtures/signature-vectors.ts';
import { jsonRequest, sign, signBytes } from './fixtures/webhooks.ts';
import { decodeBase64, verifySignature } from './signature.ts';

const key = decodeBase64(publicKey, 32) ?? new Uint8Array(32);
const strangersKey = new Uint8Array(32).fill(7);

function signed(body: string, signature: string, at: string = timestamp): WebhookRequest {
  const request = jsonRequest(body);
  request.headers.set('Telnyx-Signature-Ed25519', signature);
  request.headers.set('Telnyx-Timestamp', at);
  return request;
}

function verify(request: WebhookRequest, nowMs: number = signedAt) {
  return verifySignature(request, [key], nowMs);
}

describe('the vectors', () => {
  it('are as long and as they were when they were made', () => {
    expect(stopBody).toHaveLength(672);
    expect(createHash('sha256').update(stopBody).digest('hex')).toBe(stopBodySha256);
  });

  it.each([
    ['a short body', shortBody, shortSignature],
    ['a whole STOP', stopBody, stopSignature],
  ])('%s is valid', async (_label, body, signature) => {
    expect(await verify(signed(body, signature))).toBe('valid');
  });

  it('the signature of one body is not that of the other', async () => {
    expect(await verify(signed(shortBody, stopSignature))).toBe('invalid');
    expect(await verify(signed(stopBody, shortSignature))).toBe('invalid');
  });

  it('a signature over timestamp and body without the bar between them is not one', async () => {
    const over = (text: string) => signBytes(new TextEncoder().encode(text));
    expect(await verify(signed(stopBody, await over(`${timestamp}|${stopBody}`)))).toBe('valid');
    expect(await verify(signed(stopBody, await over(timestamp + stopBody)))).toBe('invalid');
    expect(await verify(signed(stopBody, await over(stopBody)))).toBe('invalid');
  });
});

describe('verifySignature', () => {
  it.each([
    [-300, 'valid'],
    [300, 'valid'],
    [-301, 'invalid'],
    [301, 'invalid'],
    [86_400 * 365, 'invalid'],
  ] as const)('judges a webhook %i s away from now as %s', async (seconds, verdict) => {
    expect(await verify(signed(stopBody, stopSignature), signedAt + seconds * 1000)).toBe(verdict);
  });

  it('refuses a recording under a fresh time: the time is signed', async () => {
    const later = String(Number(timestamp) + 3600);
    expect(await verify(signed(stopBody, stopSignature, later), signedAt + 3_600_000)).toBe('invalid');
  });

  it.each([`+${timestamp}`, `${timestamp}.0`, ` ${timestamp}0`, '1e9', '0x695610', 'now', '9'.repeat(30)])(
    'refuses the time %j, even where its signature is genuine',
    async (at) => {
      expect(await verify(await sign(jsonRequest(stopBody), at), signedAt)).toBe('invalid');
    },
  );

  it.each(['telnyx-signature-ed25519', 'telnyx-timestamp'])('misses %s', async (name) => {
    const request = signed(stopBody, stopSignature);
    request.headers.delete(name);
    expect(await verify(request)).toBe('missing');
    request.headers.set(name, '');
    expect(await verify(request)).toBe('missing');
  });

  it.each([
    stopSignature.slice(0, -1),
    stopSignature.slice(0, -4),
    `${stopSignature}AAAA`,
    stopSignature.replaceAll('/', '_').replaceAll('+', '-'),
    Buffer.from(stopSignature, 'base64').toString('hex'),
    'A',
    '====',
    `${'A'.repeat(86)}==`,
  ])('refuses the signature %j', async (signature) => {
    expect(await verify(signed(stopBody, signature))).toBe('invalid');
  });

  it('accepts a second key while one is being replaced, and no third one', async () => {
    const request = signed(stopBody, stopSignature);
    expect(await verifySignature(request, [strangersKey, key], signedAt)).toBe('valid');
    expect(await verifySignature(request, [strangersKey], signedAt)).toBe('invalid');
    expect(await verifySignature(request, [], signedAt)).toBe('invalid');
  });
});

describe('the official SDK as a judge', () => {
  const telnyx = new Telnyx({ apiKey: 'KEY', publicKey });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function sdkVerdict(request: WebhookRequest): Promise<'valid' | 'refused'> {
    const headers = Object.fromEntries(request.headers);
    return telnyx.webhooks.unwrap(new TextDecoder().decode(request.rawBody), { headers }).then(
      () => 'valid',
      () => 'refused',
    );
  }

  it('agrees on any body, any age and any damage', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: signedAt });
    const body = fc.json({ noUnicodeString: false }).map((text) => text.toWellFormed());
    const skew = fc.constantFrom(-301, -300, -1, 0, 1, 300, 301);
    const damage = fc.constantFrom('none', 'body', 'signature', 'timestamp');
    await fc.assert(
      fc.asyncProperty(body, skew, damage, async (text, seconds, damaged) => {
        const at = String(Number(timestamp) + seconds);
        let request = await sign(jsonRequest(text), at);
        if (damaged === 'body') request = { ...request, rawBody: new TextEncoder().encode(`${text} `) };
        if (damaged === 'signature') request.headers.set('telnyx-signature-ed25519', stopSignature);
        if (damaged === 'timestamp') request.headers.set('telnyx-timestamp', String(Number(at) - 1));
        const ours = (await verify(request)) === 'valid' ? 'valid' : 'refused';
        expect(ours).toBe(await sdkVerdict(request));
      }),
    );
  });
});
