import { createContext } from 'svelte';
import type { Viewpoint } from '#lib/format.ts';

/** Milliseconds between two looks at the clock; "5 min" may be this much too young. */
const tick = 20_000;

/** The reader's clock and time zone. Starts with the server's, so that the first paint agrees, then follows the browser. */
export class ViewpointState implements Viewpoint {
  #now: number;
  #timeZone: string;

  constructor(now: number, timeZone: string) {
    this.#now = $state(now);
    this.#timeZone = $state(timeZone);
  }

  get now(): number {
    return this.#now;
  }

  get timeZone(): string {
    return this.#timeZone;
  }

  /** Follows the browser's clock; the returned function stops. */
  start(): () => void {
    this.#timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.cookie = `threadline-time-zone=${this.#timeZone}; path=/; max-age=31536000; samesite=lax`;
    const look = () => (this.#now = Date.now());
    look();
    const timer = setInterval(look, tick);
    return () => clearInterval(timer);
  }
}

export const [getViewpoint, setViewpoint] = createContext<ViewpointState>();
