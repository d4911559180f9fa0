import { request } from 'undici';
import type { Dispatcher } from 'undici';

/** Why a picture could not be fetched, and whether trying again makes sense. */
export class MediaFailure extends Error {
  readonly reason: string;
  readonly isFinal: boolean;

  constructor(reason: string, isFinal: boolean) {
    super(reason);
    this.name = 'MediaFailure';
    this.reason = reason;
    this.isFinal = isFinal;
  }
}

export interface FetchMediaOptions {
  readonly url: string;
  /** Headers for one address: credentials for the carrier's own host, nothing for the store it redirects to. */
  readonly headersFor: (url: string) => Readonly<Record<string, string>>;
  readonly largestBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 3;

/** Fetches one file into memory, following redirects. @throws MediaFailure */
export async function fetchMedia(options: FetchMediaOptions): Promise<Uint8Array> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  let url = options.url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await get(url, options.headersFor(url), signal);
    const location = redirectTarget(response, url);
    if (location === null) return readWithin(response, options.largestBytes);
    await response.body.dump();
    url = location;
  }
  throw new MediaFailure('too_many_redirects', true);
}

async function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new MediaFailure('bad_address', true);
  try {
    return await request(url, { headers: { ...headers }, signal });
  } catch {
    throw new MediaFailure('no_answer', false);
  }
}

function redirectTarget(response: Dispatcher.ResponseData, url: string): string | null {
  const { location } = response.headers;
  if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string') return null;
  return URL.canParse(location, url) ? new URL(location, url).href : null;
}

async function readWithin(response: Dispatcher.ResponseData, largestBytes: number): Promise<Uint8Array> {
  if (response.statusCode !== 200) {
    await response.body.dump();
    // Gone is gone; everything else, a missing sign-in included, may be put right in time.
    throw new MediaFailure(`status_${response.statusCode}`, response.statusCode === 410);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      if (!(chunk instanceof Uint8Array)) continue;
      size += chunk.byteLength;
      if (size > largestBytes) throw new MediaFailure('too_large', true);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof MediaFailure) throw error;
    throw new MediaFailure('broken_off', false);
  }
  return Buffer.concat(chunks);
}
