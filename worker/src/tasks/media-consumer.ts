import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { ClaimedMedia, CompletedMedia } from '../queue/shapes.ts';
import { ClaimLoop, writeOutcome } from './claim-loop.ts';

export interface MediaConsumerOptions {
  readonly queue: Pick<Queue, 'claimMedia' | 'completeMedia'>;
  readonly copy: (media: ClaimedMedia, signal: AbortSignal) => Promise<CompletedMedia>;
  readonly pollIntervalMs: number;
  readonly log: Logger;
  readonly onCompleted: (media: CompletedMedia) => void;
}

const AT_ONCE = 4;
const LEASE_SECONDS = 120;

/** Copies pictures, a few at once. */
export class MediaConsumer extends ClaimLoop<ClaimedMedia> {
  constructor(options: MediaConsumerOptions) {
    super({
      name: 'media',
      claim: () => options.queue.claimMedia(AT_ONCE, LEASE_SECONDS),
      perform: (media, signal) => copyMedia(options, media, signal),
      pollIntervalMs: options.pollIntervalMs,
      log: options.log,
    });
  }
}

async function copyMedia(
  { queue, copy, log, onCompleted }: MediaConsumerOptions,
  media: ClaimedMedia,
  signal: AbortSignal,
): Promise<void> {
  const completed = await copy(media, signal);
  // Broken off by us, which says nothing about the picture.
  if (signal.aborted && completed.status !== 'stored') return;
  await writeOutcome(
    async () => {
      await queue.completeMedia(completed);
      onCompleted(completed);
    },
    (error, tries) => log.warn({ err: error, media_id: media.media_id, tries }, 'media outcome not written'),
  );
}
