/** Which transactions an answer of the database could see: the text of a `pg_snapshot`, `xmin:xmax:running,running`. */
export class Snapshot {
  readonly #oldestRunning: bigint;
  readonly #next: bigint;
  readonly #running: ReadonlySet<bigint>;

  /** Throws when the text is no snapshot. */
  constructor(text: string) {
    const [oldest = '', next = '', running = ''] = text.split(':');
    this.#oldestRunning = BigInt(oldest);
    this.#next = BigInt(next);
    this.#running = new Set(running === '' ? [] : running.split(',').map(BigInt));
  }

  /** Transactions that had begun to write and were not over, or at least not to be seen. */
  get running(): Iterable<bigint> {
    return this.#running;
  }

  sees(transaction: bigint): boolean {
    if (transaction < this.#oldestRunning) return true;
    return transaction < this.#next && !this.#running.has(transaction);
  }
}
