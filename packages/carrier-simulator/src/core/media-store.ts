import { request } from 'undici';
import { newSid } from './identifiers.ts';
import type { MediaItem } from './message.ts';

/** The largest file taken, in bytes (Twilio: 5 MB in all for one message). */
export const largestMedia = 5 * 1024 * 1024;

/** What Twilio asks of the files of one message. */
export const mostMediaPerMessage = 10;

/** Pictures and other files of messages, in memory; the oldest bytes make room for the newest. */
export class MediaStore {
  readonly #capacity: number;
  readonly #items = new Map<string, MediaItem>();
  #held = 0;

  /** @param capacity bytes held in all */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  find(sid: string): MediaItem | undefined {
    return this.#items.get(sid);
  }

  /** Adds a file known by its address only. */
  link(messageSid: string, sourceUrl: string): MediaItem {
    const item: MediaItem = {
      sid: newSid('ME'),
      messageSid,
      contentType: 'application/octet-stream',
      createdAt: Date.now(),
      bytes: null,
      sourceUrl,
    };
    this.#items.set(item.sid, item);
    return item;
  }

  /** Reads the file behind an item, when it is a data URL or on this machine. False when that failed. */
  async fetch(item: MediaItem): Promise<boolean> {
    if (item.sourceUrl === null || item.bytes !== null) return true;
    if (!isFetchable(item.sourceUrl)) return true;
    const file = await readFile(item.sourceUrl);
    if (!file) return false;
    item.contentType = file.contentType;
    this.#hold(item, file.bytes);
    return true;
  }

  remove(item: MediaItem): void {
    this.#release(item);
    this.#items.delete(item.sid);
  }

  clear(): void {
    this.#items.clear();
    this.#held = 0;
  }

  #hold(item: MediaItem, bytes: Buffer): void {
    item.bytes = bytes;
    this.#held += bytes.length;
    for (const oldest of this.#items.values()) {
      if (this.#held <= this.#capacity) break;
      if (oldest !== item) this.#release(oldest);
    }
  }

  #release(item: MediaItem): void {
    this.#held -= item.bytes?.length ?? 0;
    item.bytes = null;
  }
}

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The simulator never reaches beyond this machine. */
export function isFetchable(address: string): boolean {
  if (address.startsWith('data:')) return true;
  return URL.canParse(address) && loopbackHosts.has(new URL(address).hostname);
}

async function readFile(address: string): Promise<{ bytes: Buffer; contentType: string } | null> {
  try {
    if (address.startsWith('data:')) return readDataUrl(address);
    const answer = await request(address, { headersTimeout: 10_000, bodyTimeout: 10_000 });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    const contentType = String(answer.headers['content-type'] ?? 'application/octet-stream');
    return answer.statusCode === 200 && bytes.length <= largestMedia ? { bytes, contentType } : null;
  } catch {
    return null;
  }
}

/** `data:image/png;base64,…` (RFC 2397). */
function readDataUrl(address: string): { bytes: Buffer; contentType: string } | null {
  const comma = address.indexOf(',');
  if (comma < 0) return null;
  const [contentType = '', ...flags] = address.slice('data:'.length, comma).split(';');
  const content = address.slice(comma + 1);
  const bytes = flags.includes('base64')
    ? Buffer.from(content, 'base64')
    : Buffer.from(decodeURIComponent(content));
  return bytes.length <= largestMedia ? { bytes, contentType: contentType || 'text/plain' } : null;
}
