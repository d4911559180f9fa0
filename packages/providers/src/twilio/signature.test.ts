import twilioSdk from 'twilio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyJsonSha256,
  fragmentSignature,
  jsonBody,
  jsonBodySha256,
  ownInboundSignature,
  ownInboundUrl,
  ownStatusForm,
  ownStatusUrl,
  ownToken,
  signatureVectors,
  trailingSlashSignature,
} from './fixtures/signature-vectors.ts';
import { formRequest, inboundForm } from './fixtures/webhooks.ts';
import { computeSignature, verifySignature } from './signature.ts';
import type { WebhookRequest } from '../provider.ts';

function form(parameters: readonly (readonly [string, string])[]): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of parameters) encoded.append(name, value);
  return encoded.toString();
}

function signed(request: WebhookRequest, signature: string): WebhookRequest {
  const headers = new Headers(request.headers);
  headers.set('x-twilio-signature', signature);
  return { ...request, headers };
}

function jsonRequest(body: string, url: string): WebhookRequest {
  return {
    url,
    headers: new Headers({ 'content-type': 'application/json' }),
    rawBody: new TextEncoder().encode(body),
  };
}

describe('computeSignature', () => {
  it.each(signatureVectors)('signs $label as Twilio does', async ({ token, url, parameters, signature }) => {
    const decoded = parameters === null ? null : new URLSearchParams(form(parameters));
    expect(await computeSignature(token, url, decoded)).toBe(signature);
  });

  it('agrees with the official SDK on any URL and any form', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed());
    const parameters = fc.array(fc.tuple(fc.oneof(text, fc.constantFrom('Body', 'body', 'A', 'AB')), text), {
      maxLength: 8,
    });
    const query = fc.webQueryParameters();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), query, parameters, async (token, rawQuery, pairs) => {
        const url = `https://example.com/functions/v1/provider-webhook/twilio?${rawQuery}`;
        const grouped = Object.groupBy(pairs, ([name]) => name);
        // Own properties only, as the SDK walks its argument by key.
        const sdkParameters = Object.create(null) as Record<string, unknown>;
        for (const [name, group] of Object.entries(grouped)) {
          const values = (group ?? []).map(([, value]) => value);
          sdkParameters[name] = values.length === 1 ? values[0] : values;
        }
        const expected = twilioSdk.getExpectedTwilioSignature(token, url, sdkParameters);
        expect(await computeSignature(token, url, new URLSearchParams(form(pairs)))).toBe(expected);
      }),
    );
  });
});

describe('verifySignature', () => {
  const inbound = formRequest(inboundForm, ownInboundUrl);

  it('accepts a genuine form', async () => {
    expect(await verifySignature(signed(inbound, ownInboundSignature), [ownToken])).toBe('valid');
  });

  it('refuses the signature of the same URL with a slash at its end', async () => {
    expect(await verifySignature(signed(inbound, trailingSlashSignature), [ownToken])).toBe('invalid');
  });

  it('refuses a signature made over the redelivery fragment', async () => {
    const report = formRequest(form(ownStatusForm), ownStatusUrl);
    expect(await verifySignature(signed(report, fragmentSignature), [ownToken])).toBe('invalid');
  });

  it('refuses a genuine signature under another attempt id', async () => {
    const report = formRequest(form(ownStatusForm), ownStatusUrl.replace('7f9c', '7f9d'));
    expect(await verifySignature(signed(report, 'z2JUXEWHK7qMYSJUAl7F5TCjdok='), [ownToken])).toBe('invalid');
  });

  it('accepts the previous token while one is being rotated, and no third one', async () => {
    const request = signed(inbound, ownInboundSignature);
    expect(await verifySignature(request, ['new token', ownToken])).toBe('valid');
    expect(await verifySignature(request, ['new token', 'another'])).toBe('invalid');
    expect(await verifySignature(request, [])).toBe('invalid');
  });

  it.each([
    ['https://mycompany.com/myapp.php?foo=1&bar=2', 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['https://mycompany.com:443/myapp.php?foo=1&bar=2', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['http://mycompany.com/myapp.php?foo=1&bar=2', '0ZXoZLH/DfblKGATFgpif+LLRf4='],
    ['https://user:pass@mycompany.com/myapp.php?foo=1&bar=2', 'CukzLTc1tT5dXEDIHm/tKBanW10='],
  ])('accepts %s whether or not Twilio counted the port', async (url, signature) => {
    const call = signatureVectors[0]?.parameters ?? [];
    expect(await verifySignature(signed(formRequest(form(call), url), signature), ['12345'])).toBe('valid');
  });

  it('agrees with the official SDK on which port a signature may have been made over', async () => {
    const address = fc.constantFrom('', ':443', ':80', ':8443', ':54321');
    const scheme = fc.constantFrom('https', 'http');
    await fc.assert(
      fc.asyncProperty(scheme, address, address, async (protocol, signedPort, ourPort) => {
        const at = (port: string) => `${protocol}://example.com${port}/provider-webhook/twilio?a=1`;
        const signature = twilioSdk.getExpectedTwilioSignature('token', at(signedPort), { Body: 'hi' });
        const bySdk = twilioSdk.validateRequest('token', signature, at(ourPort), { Body: 'hi' });
        const ours = await verifySignature(signed(formRequest('Body=hi', at(ourPort)), signature), ['token']);
        expect(ours).toBe(bySdk ? 'valid' : 'invalid');
      }),
    );
  });

  it('accepts JSON whose hash is in the signed URL', async () => {
    const url = `https://mycompany.com/myapp.php?bodySHA256=${jsonBodySha256}`;
    const request = signed(jsonRequest(jsonBody, url), 'y77kIzt2vzLz71DgmJGsen2scGs=');
    expect(await verifySignature(request, ['12345'])).toBe('valid');
  });

  it('accepts an empty JSON object, with and without the port counted', async () => {
    const url = `https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=${emptyJsonSha256}`;
    for (const signature of ['Ldidvp12m26NI7eqEvxnEpkd9Hc=', 'rw/jVviOgicj2+kHZULvebnA4ag=']) {
      expect(await verifySignature(signed(jsonRequest('{}', url), signature), ['12345'])).toBe('valid');
    }
  });

  it('refuses JSON that is not the hashed body', async () => {
    const url = `https://mycompany.com/myapp.php?bodySHA256=${jsonBodySha256}`;
    const request = signed(jsonRequest(`${jsonBody} `, url), 'y77kIzt2vzLz71DgmJGsen2scGs=');
    expect(await verifySignature(request, ['12345'])).toBe('invalid');
  });

  it('refuses JSON without a hash in the URL, however well the URL is signed', async () => {
    const url = 'https://mycompany.com/myapp.php';
    const signature = await computeSignature('12345', url, null);
    expect(await verifySignature(signed(jsonRequest('{}', url), signature), ['12345'])).toBe('invalid');
  });

  it.each(['', 'short', 'x'.repeat(28), 'RSOYDt4T1cUTdK1PDd93/VVr8B8', '🙂'.repeat(14).slice(0, 1)])(
    'never accepts a signature that was made up (%j)',
    async (signature) => {
      const headers = new Headers(inbound.headers);
      if (/^[\x20-\x7e]*$/.test(signature)) headers.set('x-twilio-signature', signature);
      expect(await verifySignature({ ...inbound, headers }, [ownToken])).not.toBe('valid');
    },
  );
});
