import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel } from '@supabase/supabase-js';
import { toDataError } from '#lib/data/errors.ts';
import { AnnouncedChanges } from './announced-changes.ts';
import { BackOff } from './back-off.ts';
import { Snapshot } from './snapshot.ts';

/** `ended`: the database refuses us this topic for good. */
export type LiveStatus = 'connecting' | 'live' | 'lost' | 'ended';

/** Where channels come from and go back to; see ChannelSlots. */
export interface ChannelSource {
  take(topic: string): Promise<RealtimeChannel>;
  release(topic: string, channel: RealtimeChannel): void;
}

export interface LiveChannelOptions {
  slots: ChannelSource;
  topic: string;
  /** One handler per event name; payloads are unknown until the handler has parsed them. */
  events: Record<string, (payload: unknown) => void>;
  /**
   * Fetches by cursor what was missed. Called after every join, and with every attempt while there is no connection:
   * broadcasts are hints, the database is the truth. Answers the snapshot (text) it was fetched in.
   */
  catchUp: () => Promise<string>;
  onStatus: (status: LiveStatus) => void;
}

/**
 * Milliseconds between two looks while all is well. A broadcast can be dropped without a trace, by a rate limit or a
 * feed that restarts behind a socket that stays open; this is how long that may go unnoticed.
 */
const doubtInterval = 60_000;
/** Milliseconds between two looks while a join is not answered, which takes ten seconds to be given up. */
const joinDoubtInterval = 3_000;
/**
 * Milliseconds after a join to a second look. What was announced to others just before may be seen only just after the
 * first look, and the newest transaction is not even listed among those that run.
 */
const secondLookDelay = 1_000;

/**
 * One private topic, for as long as somebody looks. supabase-js does not rejoin a channel the server closed and keeps
 * the state of one it refused, so every loss makes a new channel here, ever less often.
 */
export class LiveChannel {
  readonly #options: LiveChannelOptions;
  readonly #backOff = new BackOff();
  #channel: RealtimeChannel | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  #secondLook: ReturnType<typeof setTimeout> | undefined;
  /** Rises with every start, stop and attempt, so that whatever an older one still awaits comes to nothing. */
  #generation = 0;
  #isRunning = false;
  #reconciling: Promise<void> | null = null;
  #reconcileAgain = false;
  readonly #announced = new AnnouncedChanges();
  #unseen: ReturnType<typeof setTimeout> | undefined;
  /** Joined, and nothing fetched since. */
  #isFresh = false;

  constructor(options: LiveChannelOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#options.onStatus('connecting');
    void this.#join();
  }

  stop(): void {
    this.#isRunning = false;
    this.#leave();
  }

  /** The network or the tab came back: look at once instead of waiting for the next attempt. */
  nudge(): void {
    if (!this.#isRunning) return;
    const state = this.#channel?.state;
    if (state !== 'joined' && state !== 'joining') {
      this.#backOff.reset();
      void this.#join();
    }
    void this.reconcile();
  }

  /**
   * Catches up once more; a call while one is under way makes it go round again.
   *
   * @param announced transactions to go on looking for until they are seen
   */
  reconcile(announced: readonly bigint[] = []): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    this.#announced.expect(announced);
    this.#reconcileAgain = true;
    this.#reconciling ??= this.#catchUp();
    return this.#reconciling;
  }

  async #join(): Promise<void> {
    this.#leave();
    this.#lookAgainIn(joinDoubtInterval);
    const generation = this.#generation;
    const { slots, topic, events } = this.#options;
    const channel = await slots.take(topic);
    if (generation !== this.#generation) return;
    this.#channel = channel;
    for (const [event, handler] of Object.entries(events)) {
      channel.on('broadcast', { event }, (message: Record<string, unknown>) => handler(message['payload']));
    }
    channel.on('system', {}, ({ status }) => {
      // Hosted Realtime connects to a database that slept only now: what it told meanwhile reached nobody.
      if (this.#channel === channel && status === 'ok') this.#lookTwice();
    });
    channel.subscribe((status) => {
      // A channel we dropped still reports its own closing.
      if (this.#channel !== channel) return;
      if (status !== REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) {
        this.#lose();
        return;
      }
      this.#isFresh = true;
      void this.reconcile();
      this.#lookTwice();
    });
  }

  async #catchUp(): Promise<void> {
    clearTimeout(this.#doubt);
    try {
      while (this.#reconcileAgain && this.#isRunning) {
        this.#reconcileAgain = false;
        const isFirst = this.#isFresh;
        this.#isFresh = false;
        const snapshot = new Snapshot(await this.#options.catchUp());
        // What was running may have been announced to others before we joined.
        if (isFirst) this.#announced.expect(snapshot.running);
        this.#lookForUnseen(snapshot);
      }
    } catch (thrown) {
      this.#reconciling = null;
      this.#onFailed(thrown);
      return;
    }
    // In the same breath as the last look at what is asked for, or whoever asks in between waits for nothing.
    this.#reconciling = null;
    this.#onCaughtUp();
  }

  #onCaughtUp(): void {
    if (!this.#isRunning) return;
    if (this.#channel?.state !== 'joined') {
      if (this.#timer === undefined) this.#lookAgainIn(joinDoubtInterval);
      return;
    }
    this.#backOff.reset();
    this.#options.onStatus('live');
    this.#lookAgainIn(doubtInterval);
  }

  #onFailed(thrown: unknown): void {
    if (!this.#isRunning) return;
    const { kind } = toDataError(thrown);
    if (kind === 'refused' || kind === 'signed_out') this.#end();
    else this.#lose();
  }

  #lookAgainIn(milliseconds: number): void {
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => void this.reconcile(), milliseconds);
  }

  #lookTwice(): void {
    clearTimeout(this.#secondLook);
    this.#secondLook = setTimeout(() => void this.reconcile(), secondLookDelay);
  }

  #lookForUnseen(snapshot: Snapshot): void {
    clearTimeout(this.#unseen);
    const pause = this.#announced.pauseAfter(snapshot);
    if (pause !== null && this.#isRunning) this.#unseen = setTimeout(() => void this.reconcile(), pause);
  }

  #lose(): void {
    if (!this.#isRunning) return;
    this.#options.onStatus('lost');
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#channel?.state !== 'joined') void this.#join();
      void this.reconcile();
    }, this.#backOff.nextDelay());
  }

  #end(): void {
    this.stop();
    this.#options.onStatus('ended');
  }

  #leave(): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#doubt);
    clearTimeout(this.#secondLook);
    clearTimeout(this.#unseen);
    this.#timer = undefined;
    this.#isFresh = false;
    this.#announced.clear();
    const channel = this.#channel;
    this.#channel = null;
    if (channel !== null) this.#options.slots.release(this.#options.topic, channel);
  }
}
