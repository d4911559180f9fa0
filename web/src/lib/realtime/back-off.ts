/** Milliseconds between attempts; the last one repeats. */
const steps = [500, 1000, 2000, 5000, 10_000];

/** Ever longer pauses, each a little different, so that a thousand browsers do not come back in the same moment. */
export class BackOff {
  #attempt = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  nextDelay(): number {
    const step = steps[Math.min(this.#attempt, steps.length - 1)] ?? 0;
    this.#attempt += 1;
    return step * (0.75 + this.#random() * 0.5);
  }

  reset(): void {
    this.#attempt = 0;
  }
}
