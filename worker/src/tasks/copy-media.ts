import type { ProviderAccount } from '@threadline/providers';
import type { Logger } from '../logger.ts';
import type { ClaimedMedia, CompletedMedia } from '../queue/shapes.ts';
import type { MediaStore } from '../media-store.ts';
import { fetchMedia, MediaFailure } from './fetch-media.ts';
import { sniffMediaType } from './sniff-media-type.ts';

export const LARGEST_MEDIA_BYTES = 10 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 30_000;

export interface CopyMediaDeps {
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly store: Pick<MediaStore, 'upload'>;
  readonly log: Logger;
}

/** Copies one inbound picture from the carrier into storage; what came of it is the result. Never throws. */
export function createCopyMedia(deps: CopyMediaDeps) {
  return async (media: ClaimedMedia, signal: AbortSignal): Promise<CompletedMedia> => {
    const ids = {
      organization_id: media.organization_id,
      message_id: media.message_id,
      media_id: media.media_id,
    };
    try {
      const completed = await copy(deps, media, signal);
      deps.log.info(
        { ...ids, content_type: completed.contentType, size: completed.sizeBytes },
        'media stored',
      );
      return completed;
    } catch (error) {
      const failure = error instanceof MediaFailure ? error : new MediaFailure('unexpected', false);
      deps.log.warn({ ...ids, reason: failure.reason, err: error }, 'media not stored');
      return incomplete(media, failure);
    }
  };
}

async function copy(deps: CopyMediaDeps, media: ClaimedMedia, signal: AbortSignal): Promise<CompletedMedia> {
  if (media.provider_url === null) throw new MediaFailure('no_address', true);
  const account = deps.accounts.get(media.credentials_ref);
  if (account === undefined) throw new MediaFailure('credentials_missing', false);
  const bytes = await fetchMedia({
    url: media.provider_url,
    headersFor: (url) => account.mediaHeaders(url),
    largestBytes: LARGEST_MEDIA_BYTES,
    timeoutMs: FETCH_TIMEOUT_MS,
    signal,
  });
  const type = sniffMediaType(bytes);
  if (type === null) throw new MediaFailure('type_not_allowed', true);
  const path = `${media.organization_id}/${media.message_id}/${media.position}.${type.extension}`;
  await deps.store.upload(path, bytes, type.contentType);
  return {
    mediaId: media.media_id,
    status: 'stored',
    storagePath: path,
    contentType: type.contentType,
    sizeBytes: bytes.byteLength,
    reason: null,
  };
}

function incomplete(media: ClaimedMedia, failure: MediaFailure): CompletedMedia {
  return {
    mediaId: media.media_id,
    status: failure.isFinal ? 'failed' : 'retry',
    storagePath: null,
    contentType: null,
    sizeBytes: null,
    reason: failure.reason,
  };
}
