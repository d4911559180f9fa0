import { equalInConstantTime } from '../constant-time.ts';
import { queryOf, readAttemptId, webhookAddress } from '../webhook-url.ts';

const encoder = new TextEncoder();
type SealingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Keeps this use of the secret apart from every other; a new meaning gets a new number. */
const PURPOSE = 'threadline attempt seal v1';

/**
 * Names attempts in webhook addresses so that nobody else can.
 *
 * Telnyx signs `timestamp|body` and not the address it posts to (telnyx-node 7.24, `lib/webhooks`;
 * developers.telnyx.com, "Receiving webhooks"). An attempt id in the query is therefore worth nothing by itself: whoever
 * holds one genuine webhook could post it again under another attempt and have a message settled by a stranger's
 * receipt. So the address carries a seal of our own, HMAC-SHA256 of the id under a key derived (HKDF) from the
 * account's API key, which function and worker both have and Telnyx has no need of.
 */
export interface AttemptSealer {
  /** The address for what becomes of one message: `…?a=<attempt>&h=<seal>`. */
  sealedUrl(publicWebhookBase: string, attemptId: string): Promise<string>;
  /** The attempt an address names; null when it names none or the seal is not ours. */
  attemptIn(url: string): Promise<string | null>;
}

/** @param secrets the first one seals; the others still open, while one is being replaced */
export function createAttemptSealer(secrets: readonly [string, ...string[]]): AttemptSealer {
  const [current, ...previous] = secrets.map(lazyKey);
  if (current === undefined) throw new Error('a sealer needs a secret');
  return {
    async sealedUrl(publicWebhookBase, attemptId) {
      const address = webhookAddress(publicWebhookBase, 'telnyx');
      return `${address}?a=${attemptId}&h=${await seal(await current(), attemptId.toLowerCase())}`;
    },
    async attemptIn(url) {
      const query = queryOf(url);
      const attemptId = readAttemptId(query.get('a'));
      const given = query.get('h') ?? '';
      if (attemptId === null) return null;
      let isOurs = false;
      for (const key of [current, ...previous]) {
        // No early exit: which of the keys matched is nobody's business.
        isOurs = equalInConstantTime(given, await seal(await key(), attemptId)) || isOurs;
      }
      return isOurs ? attemptId : null;
    },
  };
}

async function seal(key: SealingKey, attemptId: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(attemptId));
  return base64Url(new Uint8Array(signature));
}

/** Derives the key when it is first needed, and then keeps it. */
function lazyKey(secret: string): () => Promise<SealingKey> {
  let key: Promise<SealingKey> | undefined;
  return () => (key ??= deriveKey(secret));
}

async function deriveKey(secret: string): Promise<SealingKey> {
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(PURPOSE) },
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  );
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
