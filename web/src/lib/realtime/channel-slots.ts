import type { RealtimeChannel } from '@supabase/supabase-js';
import type { Client } from '#lib/data/client.ts';
import type { ChannelSource } from './live-channel.ts';

/**
 * Hands out channels one at a time per topic. supabase-js answers with the old channel while it is still leaving, and
 * forgets a new one of the same name when the old one is gone, so a topic is given again only once it is free.
 */
export class ChannelSlots implements ChannelSource {
  readonly #client: Client;
  readonly #leaving = new Map<string, Promise<unknown>>();

  constructor(client: Client) {
    this.#client = client;
  }

  async take(topic: string): Promise<RealtimeChannel> {
    // Without setAuth the first join carries the publishable key and is refused.
    await Promise.all([this.#leaving.get(topic), this.#client.realtime.setAuth().catch(() => undefined)]);
    return this.#client.channel(topic, { config: { private: true } });
  }

  release(topic: string, channel: RealtimeChannel): void {
    const left = this.#client.removeChannel(channel).catch(() => undefined);
    this.#leaving.set(topic, left);
    void left.then(() => {
      if (this.#leaving.get(topic) === left) this.#leaving.delete(topic);
    });
  }
}
