import { equalInConstantTime } from '../constant-time.ts';
import { isJsonContent } from '../content-type.ts';
import type { SignatureVerdict, WebhookRequest } from '../provider.ts';

const encoder = new TextEncoder();

/**
 * The signature Twilio puts in `X-Twilio-Signature`: base64 of HMAC-SHA1, keyed with the account's auth token,
 * over the URL followed by every form parameter's name and value.
 * Names sort by UTF-16 code unit; a repeated name contributes its distinct values in sorted order.
 * Source: twilio.com/docs/usage/security, twilio-node `lib/webhooks`.
 * @param url as Twilio requested it, from scheme to query, without the fragment
 * @param parameters the decoded form; null when the body is not a form
 */
export async function computeSignature(
  authToken: string,
  url: string,
  parameters: URLSearchParams | null,
): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(authToken),
    { name: 'HMAC', hash: 'SHA-1' },
    false,
    ['sign'],
  );
  const signed = url + (parameters === null ? '' : signedParameters(parameters));
  return base64(await crypto.subtle.sign('HMAC', key, encoder.encode(signed)));
}

function signedParameters(parameters: URLSearchParams): string {
  return [...new Set(parameters.keys())]
    .sort()
    .map((name) =>
      [...new Set(parameters.getAll(name))]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('');
}

/**
 * Judges a webhook against the auth tokens an account accepts (two while one is being rotated).
 * A JSON body is not signed itself: the signed URL carries its SHA-256, and a JSON body without one is refused.
 */
export async function verifySignature(
  request: WebhookRequest,
  authTokens: readonly string[],
): Promise<SignatureVerdict> {
  const given = request.headers.get('x-twilio-signature');
  if (given === null || given === '') return 'missing';
  const isJson = isJsonContent(request.headers.get('content-type'));
  const isBodyIntact = isJson ? await matchesBodyHash(request) : true;
  const parameters = isJson ? null : formParameters(request.rawBody);
  let isGenuine = false;
  for (const token of authTokens) {
    for (const url of signedUrls(request.url)) {
      const expected = await computeSignature(token, url, parameters);
      // No early exit: which of the candidates matched is nobody's business.
      isGenuine = equalInConstantTime(given, expected) || isGenuine;
    }
  }
  return isGenuine && isBodyIntact ? 'valid' : 'invalid';
}

/** Decodes a form body: `+` is a space, nothing is trimmed, empty and repeated values stay. */
export function formParameters(rawBody: Uint8Array<ArrayBuffer>): URLSearchParams {
  return new URLSearchParams(new TextDecoder('utf-8', { ignoreBOM: true }).decode(rawBody));
}

/** Twilio signs the URL sometimes with and sometimes without its port, whatever was configured. */
function signedUrls(url: string): string[] {
  const parts = /^(https?:\/\/)([^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d*)?(.*)$/s.exec(url);
  if (parts === null) return [url];
  const [, scheme = '', userInfo = '', host = '', port = '', rest = ''] = parts;
  const namedPort = port === '' ? (scheme === 'https://' ? ':443' : ':80') : port;
  return [scheme + userInfo + host + rest, scheme + userInfo + host + namedPort + rest];
}

async function matchesBodyHash(request: WebhookRequest): Promise<boolean> {
  const query = request.url.split('?').slice(1).join('?');
  const expected = new URLSearchParams(query).get('bodySHA256');
  if (expected === null) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', request.rawBody));
  const actual = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return equalInConstantTime(expected, actual);
}

function base64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
