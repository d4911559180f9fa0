/** Tells for how long something has looked the same. */
export class Stillness {
  #last: unknown;
  #changedAt = Date.now();

  /** @returns milliseconds since it last looked otherwise; 0 when it has just changed */
  of(look: string | number): number {
    const now = Date.now();
    if (look !== this.#last) this.#changedAt = now;
    this.#last = look;
    return now - this.#changedAt;
  }
}
