import type { Client } from './client.ts';
import { DataError } from './errors.ts';

const bucket = 'message-media';

/** Seconds a picture's address stays valid; longer than people look at one thread, short enough to leak little. */
export const mediaLifetimeSeconds = 3600;

/** An address at which this browser may load a stored file until it expires. */
export async function signMediaUrl(client: Client, storagePath: string): Promise<string> {
  const { data, error } = await client.storage
    .from(bucket)
    .createSignedUrl(storagePath, mediaLifetimeSeconds);
  if (error !== null) throw new DataError('offline', 'The picture cannot be loaded right now.', null, error);
  return data.signedUrl;
}
