/** Whether this worker can do its work: the database answered lately, and it is not stopping. */
export class Readiness {
  readonly #staleAfterMs: number;
  #lastAnswerAt = -Infinity;
  #isFailing = true;
  #isStopping = false;

  constructor(staleAfterMs: number) {
    this.#staleAfterMs = staleAfterMs;
  }

  databaseAnswered(): void {
    this.#isFailing = false;
    this.#lastAnswerAt = performance.now();
  }

  databaseFailed(): void {
    this.#isFailing = true;
  }

  stopping(): void {
    this.#isStopping = true;
  }

  /** Null when ready, else why not. */
  get problem(): string | null {
    if (this.#isStopping) return 'stopping';
    if (this.#isFailing) return 'database not reachable';
    if (performance.now() - this.#lastAnswerAt > this.#staleAfterMs) return 'no look at the queue lately';
    return null;
  }
}
