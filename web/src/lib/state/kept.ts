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
      return this.#read(localStorage.getItem(this.#prefix + key));
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

  /** Tells what other tabs of this browser change; `value` is null for what they remove. The returned function ends it. */
  watch(onChange: (key: string, value: T | null, before: T | null) => void): () => void {
    const onStorage = ({ key, newValue, oldValue }: StorageEvent) => {
      if (key?.startsWith(this.#prefix) !== true) return;
      onChange(key.slice(this.#prefix.length), this.#read(newValue), this.#read(oldValue));
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
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

  #read(text: string | null): T | null {
    try {
      return text === null ? null : (this.#schema.safeParse(JSON.parse(text)).data ?? null);
    } catch {
      return null;
    }
  }
}
