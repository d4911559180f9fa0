import type { SignatureVerdict, WebhookRequest } from '../provider.ts';

/** Older or newer webhooks may be somebody's recording. Source: telnyx-node 7.24, `lib/webhooks`. */
const TOLERANCE_SECONDS = 300;
const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;

const encoder = new TextEncoder();

/**
 * Judges a webhook against the public keys an account accepts (two while one is being replaced): Ed25519 over
 * `timestamp|body`, byte for byte. The address is not signed; see attempt-seal.ts for what follows from that.
 * Nothing here is secret, so nothing needs constant time.
 * @param nowMs milliseconds since the epoch
 */
export async function verifySignature(
  request: WebhookRequest,
  publicKeys: readonly Uint8Array<ArrayBuffer>[],
  nowMs: number,
): Promise<SignatureVerdict> {
  const given = request.headers.get('telnyx-signature-ed25519') ?? '';
  const timestamp = request.headers.get('telnyx-timestamp') ?? '';
  if (given === '' || timestamp === '') return 'missing';
  if (!isTimely(timestamp, nowMs)) return 'invalid';
  const signature = decodeBase64(given, SIGNATURE_BYTES);
  if (signature === null) return 'invalid';
  const prefix = encoder.encode(`${timestamp}|`);
  const signed = new Uint8Array(prefix.length + request.rawBody.length);
  signed.set(prefix);
  signed.set(request.rawBody, prefix.length);
  for (const bytes of publicKeys) {
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'Ed25519' }, false, ['verify']);
    if (await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, signed)) return 'valid';
  }
  return 'invalid';
}

function isTimely(timestamp: string, nowMs: number): boolean {
  if (!/^\d+$/.test(timestamp)) return false;
  const seconds = Number(timestamp);
  return Number.isSafeInteger(seconds) && Math.abs(Math.floor(nowMs / 1000) - seconds) <= TOLERANCE_SECONDS;
}

/** Strict, padded base64 of exactly so many bytes; null for everything else. */
export function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return bytes.length === length ? bytes : null;
}
