import type { RealtimeChannel } from '@supabase/supabase-js';
import type { Client } from '#lib/data/client.ts';
import type { ChannelSource } from './live-channel.ts';

/** Milliseconds within which a living socket answers. */
const pulsePause = 3000;

/**
 * Hands out channels one at a time per topic. supabase-js answers with the old channel while it is still leaving, and
 * forgets a new one of the same name when the old one is gone, so a topic is given again only once it is free.
 */
export class ChannelSlots implements ChannelSource {
  readonly #client: Client;
  readonly #leaving = new Map<string, Promise<unknown>>();
  #pulse: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async take(topic: string): Promise<RealtimeChannel> {
    // Without setAuth the first join carries the publishable key and is refused.
    await Promise.all([this.#leaving.get(topic), this.#client.realtime.setAuth().catch(() => undefined)]);
    return this.#client.channel(topic, { config: { private: true, broadcast: { replication_ready: true } } });
  }

  /**
   * Finds out soon whether the socket still lives: one that died while the computer slept looks open for another
   * heartbeat or two. Asked twice, supabase-js takes an unanswered first heartbeat for a dead socket and connects anew.
   */
  checkPulse(): void {
    void this.#client.realtime.sendHeartbeat();
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => void this.#client.realtime.sendHeartbeat(), pulsePause);
  }

  release(topic: string, channel: RealtimeChannel): void {
    const left = this.#client.removeChannel(channel).catch(() => undefined);
    this.#leaving.set(topic, left);
    void left.then(() => {
      if (this.#leaving.get(topic) === left) this.#leaving.delete(topic);
    });
  }
}
