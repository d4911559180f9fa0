/**
 * A wake-up that cannot be lost: `set` before `wait` makes the next wait return at once; several sets count as one.
 * One waiter at a time.
 */
export class Latch {
  #isSet = false;
  #release: (() => void) | null = null;

  set(): void {
    this.#isSet = true;
    this.#release?.();
  }

  /** Waits until set, or for `milliseconds` at most; true when it was set. */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#release = null;
    }
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}
