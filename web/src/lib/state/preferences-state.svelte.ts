import { createContext } from 'svelte';
import { z } from '#lib/data/schema.ts';
import { Kept } from './kept.ts';

const schema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  sendWith: z.enum(['enter', 'modifier_enter']).default('enter'),
});

type Preferences = z.infer<typeof schema>;
export type Theme = Preferences['theme'];
export type SendKey = Preferences['sendWith'];

/** How this person likes it in this browser. The key is also read by the script in app.html. */
export class PreferencesState {
  readonly #kept = new Kept('threadline.', schema);
  #current = $state.raw<Preferences>({ theme: 'system', sendWith: 'enter' });

  /** Reads what is kept; called once in the browser. */
  restore(): void {
    this.#current = this.#kept.get('preferences') ?? this.#current;
  }

  get theme(): Theme {
    return this.#current.theme;
  }

  set theme(theme: Theme) {
    this.#change({ ...this.#current, theme });
  }

  get sendWith(): SendKey {
    return this.#current.sendWith;
  }

  set sendWith(sendWith: SendKey) {
    this.#change({ ...this.#current, sendWith });
  }

  #change(preferences: Preferences): void {
    this.#current = preferences;
    this.#kept.set('preferences', preferences);
  }
}

export const [getPreferences, setPreferences] = createContext<PreferencesState>();
