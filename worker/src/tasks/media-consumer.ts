import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { Latch } from '../latch.ts';
import type { Logger } from '../logger.ts';
import type { ClaimedMedia, CompletedMedia, Queue } from '../queue/queue.ts';

export interface MediaConsumerOptions {
  readonly queue: Pick<Queue, 'claimMedia' | 'completeMedia'>;
  readonly copy: (media: ClaimedMedia, signal: AbortSignal) => Promise<CompletedMedia>;
  readonly pollIntervalMs: number;
  readonly log: Logger;
  readonly onCompleted: (media: CompletedMedia) => void;
}

const AT_ONCE = 4;
const LEASE_SECONDS = 120;
const WRITE_TRIES = 5;

/**
 * Copies pictures, a few at once. Unlike a send, a copy may be done twice without harm, so stopping simply breaks it off
 * and the lease brings it back.
 */
export class MediaConsumer {
  readonly #options: MediaConsumerOptions;
  readonly #wake = new Latch();
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;

  constructor(options: MediaConsumerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  look(): void {
    this.#wake.set();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.set();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#abort.signal.aborted) {
      try {
        const claimed = await this.#options.queue.claimMedia(AT_ONCE, LEASE_SECONDS);
        failures = 0;
        await Promise.all(claimed.map((media) => this.#perform(media)));
        if (claimed.length === 0) await this.#wake.wait(this.#options.pollIntervalMs);
      } catch (error) {
        failures += 1;
        this.#options.log.warn({ err: error, failures }, 'media not claimed');
        await this.#wake.wait(backoffMs(failures));
      }
    }
  }

  async #perform(media: ClaimedMedia): Promise<void> {
    const completed = await this.#options.copy(media, this.#abort.signal);
    // Broken off by us, which says nothing about the picture.
    if (this.#abort.signal.aborted && completed.status !== 'stored') return;
    for (let tries = 1; tries <= WRITE_TRIES; tries += 1) {
      try {
        await this.#options.queue.completeMedia(completed);
        this.#options.onCompleted(completed);
        return;
      } catch (error) {
        this.#options.log.warn({ err: error, media_id: media.media_id, tries }, 'media outcome not written');
        await pause(backoffMs(tries));
      }
    }
  }
}
