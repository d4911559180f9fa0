import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** PKCS#8 and SPKI of an Ed25519 key are these bytes and then the key (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyBytes = 32;

const keys = new Map<string, KeyObject>();

/**
 * `telnyx-signature-ed25519` of a webhook: Ed25519 over `timestamp|body`, the address left out (telnyx-node 7.24,
 * `lib/webhooks`).
 * @param seed of the account's key, in base64
 * @param timestamp seconds since the epoch
 * @returns base64
 */
export function signWebhook(seed: string, timestamp: string, body: string): string {
  return sign(null, Buffer.from(`${timestamp}|${body}`), keyOf(seed)).toString('base64');
}

/** The public key clients check webhooks with: 32 bytes in base64, as the portal shows it. */
export function publicKeyOf(seed: string): string {
  const spki = createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' });
  return spki.subarray(-publicKeyBytes).toString('base64');
}

function keyOf(seed: string): KeyObject {
  let key = keys.get(seed);
  if (!key) {
    const der = Buffer.concat([pkcs8Prefix, Buffer.from(seed, 'base64')]);
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    keys.set(seed, key);
  }
  return key;
}
