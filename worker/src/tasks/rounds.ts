/** A worker that starts has often died just before, and may not live long enough for its first regular turn. */
const FIRST_AFTER_MS = 1_000;

export interface RoundsOptions {
  /** Mean time between two rounds of this worker; each is up to a quarter earlier or later. */
  readonly everyMs: number;
  /** Never rejects; ends soon once the signal says so. */
  readonly round: (signal: AbortSignal) => Promise<void>;
}

/** Does something again and again, never twice at once. Any number of workers may. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(Math.min(FIRST_AFTER_MS, this.#options.everyMs));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(meanMs: number): void {
    const { everyMs, round } = this.#options;
    const { signal } = this.#abort;
    if (signal.aborted) return;
    // Jitter, so that workers started together do not all come together.
    const delay = meanMs * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      this.#running = round(signal).finally(() => this.#schedule(everyMs));
    }, delay);
  }
}
