import { createClient } from '@supabase/supabase-js';
import { LARGEST_MEDIA_BYTES } from './tasks/copy-media.ts';

const BUCKET = 'message-media';
/** Longer than a carrier keeps a message in its own queue, since it may fetch pictures last of all. */
const SIGNED_URL_SECONDS = 6 * 60 * 60;

/** Pictures of messages, in a private bucket. All throw when storage does not do what it was asked. */
export interface MediaStore {
  upload(path: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Addresses that work for anybody, for six hours, in the order of `paths`. */
  signUrls(paths: readonly string[]): Promise<readonly string[]>;
}

export function createMediaStore(options: { supabaseUrl: string; secretKey: string }): MediaStore {
  const client = createClient(options.supabaseUrl, options.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  const bucket = client.storage.from(BUCKET);
  let ensured: Promise<void> | null = null;

  async function ensureBucket(): Promise<void> {
    const { error } = await client.storage.getBucket(BUCKET);
    if (error === null) return;
    const made = await client.storage.createBucket(BUCKET, {
      public: false,
      fileSizeLimit: LARGEST_MEDIA_BYTES,
    });
    if (made.error === null) return;
    // Another worker may have been faster.
    const again = await client.storage.getBucket(BUCKET);
    if (again.error !== null) throw made.error;
  }

  return {
    async upload(path, bytes, contentType) {
      ensured ??= ensureBucket().catch((error: unknown) => {
        ensured = null;
        throw error;
      });
      await ensured;
      // The path is made of ids, so writing it again is the same picture again.
      const { error } = await bucket.upload(path, bytes, { contentType, upsert: true });
      if (error !== null) throw error;
    },
    async signUrls(paths) {
      const { data, error } = await bucket.createSignedUrls([...paths], SIGNED_URL_SECONDS);
      if (error !== null) throw error;
      return data.map((item) => {
        if (item.signedUrl === null) throw new Error('a path could not be signed');
        return item.signedUrl;
      });
    },
  };
}
