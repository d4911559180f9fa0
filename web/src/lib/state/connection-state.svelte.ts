import type { LiveStatus } from '#lib/realtime/live-channel.ts';

/** What the bar at the top says; `quiet` shows nothing. */
export type ConnectionNotice = 'quiet' | 'offline' | 'reconnecting' | 'caught_up' | 'ended';

/** Milliseconds a loss may last before anybody is told: most are over sooner. */
const patience = 1200;
/** Milliseconds the good news stays. */
const reliefTime = 2500;

/** How well this browser is connected, drawn together from the network and every live channel. */
export class ConnectionState {
  #isOnline = $state(true);
  #channels = $state.raw<Readonly<Record<string, LiveStatus>>>({});
  #shown = $state<'none' | 'loss' | 'relief'>('none');
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #worst = $derived(worstOf(Object.values(this.#channels)));

  readonly notice: ConnectionNotice = $derived.by(() => {
    if (!this.#isOnline) return 'offline';
    if (this.#worst === 'ended') return 'ended';
    if (this.#shown === 'loss') return 'reconnecting';
    return this.#shown === 'relief' ? 'caught_up' : 'quiet';
  });

  /** The state of the worst channel; `connecting` before there is any. */
  get status(): LiveStatus {
    return this.#worst;
  }

  setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    clearTimeout(this.#timer);
    // The way back from "Offline" leads through "Reconnecting" at once: the reader is already waiting.
    this.#shown = 'loss';
    if (isOnline && this.#worst === 'live') this.#relieve();
  }

  report(channel: string, status: LiveStatus): void {
    this.#channels = { ...this.#channels, [channel]: status };
    this.#settle();
  }

  forget(channel: string): void {
    const { [channel]: _gone, ...rest } = this.#channels;
    this.#channels = rest;
    this.#settle();
  }

  #settle(): void {
    if (this.#worst === 'lost' && this.#shown !== 'loss') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        if (this.#worst === 'lost') this.#shown = 'loss';
      }, patience);
    }
    if (this.#worst === 'live' && this.#shown === 'loss' && this.#isOnline) this.#relieve();
  }

  #relieve(): void {
    clearTimeout(this.#timer);
    this.#shown = 'relief';
    this.#timer = setTimeout(() => (this.#shown = 'none'), reliefTime);
  }
}

function worstOf(statuses: LiveStatus[]): LiveStatus {
  for (const status of ['ended', 'lost', 'connecting'] as const) if (statuses.includes(status)) return status;
  return statuses.length === 0 ? 'connecting' : 'live';
}
