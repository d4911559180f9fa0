/**
 * Every attempt this worker was handed and has not yet reported back, in the order it got them. What the database
 * believes to be ours and is not in here never reached us (worker.release_unheld).
 */
export class HeldAttempts {
  readonly #since = new Map<string, number>();

  get size(): number {
    return this.#since.size;
  }

  get ids(): string[] {
    return [...this.#since.keys()];
  }

  add(attemptId: string): void {
    this.#since.set(attemptId, performance.now());
  }

  delete(attemptId: string): void {
    this.#since.delete(attemptId);
  }

  /** Those held for longer than `milliseconds`: their leases need prolonging, the others' not yet. */
  olderThan(milliseconds: number): string[] {
    const before = performance.now() - milliseconds;
    const old: string[] = [];
    for (const [attemptId, since] of this.#since) {
      if (since > before) break;
      old.push(attemptId);
    }
    return old;
  }
}
