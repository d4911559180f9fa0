import type { z } from '#lib/data/schema.ts';

/**
 * What this browser keeps between visits, one entry per key under a prefix. A full or forbidden storage is no reason to
 * stop working, so writing fails in silence and reading answers with nothing.
 */
export class Kept<T> {
  readonly #prefix: string;
  readonly #schema: z.ZodType<T>;

  constructor(prefix: string, schema: z.ZodType<T>) {
    this.#prefix = prefix;
    this.#schema = schema;
  }

  get(key: string): T | null {
    try {
      const text = localStorage.getItem(this.#prefix + key);
      return text === null ? null : (this.#schema.safeParse(JSON.parse(text)).data ?? null);
    } catch {
      return null;
    }
  }

  set(key: string, value: T): void {
    try {
      localStorage.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Private windows and full disks: what is on the screen still works.
    }
  }

  remove(key: string): void {
    try {
      localStorage.removeItem(this.#prefix + key);
    } catch {
      // As above.
    }
  }

  all(): T[] {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.#prefix))
        .flatMap((key) => this.get(key.slice(this.#prefix.length)) ?? []);
    } catch {
      return [];
    }
  }
}
