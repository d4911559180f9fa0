import { SvelteMap } from 'svelte/reactivity';
import { z } from '#lib/data/schema.ts';
import { Kept } from './kept.ts';

/** What was typed and not sent, per thread, kept in this browser. */
export class DraftsState {
  readonly #kept: Kept<string>;
  readonly #drafts = new SvelteMap<string, string>();

  constructor(organizationId: string, userId: string) {
    this.#kept = new Kept(`threadline.draft.${organizationId}.${userId}.`, z.string());
  }

  /** Lets go of what another tab has sent or thrown away, unless something else was typed here; returns how to stop. */
  start(): () => void {
    return this.#kept.watch((threadId, text, before) => {
      if (text === null && (this.#drafts.get(threadId) ?? before) === before) this.#drafts.set(threadId, '');
    });
  }

  get(threadId: string): string {
    return this.#drafts.get(threadId) ?? this.#kept.get(threadId) ?? '';
  }

  has(threadId: string): boolean {
    return this.get(threadId).trim() !== '';
  }

  set(threadId: string, text: string): void {
    this.#drafts.set(threadId, text);
    if (text === '') this.#kept.remove(threadId);
    else this.#kept.set(threadId, text);
  }
}
