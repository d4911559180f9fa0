import { z } from '#lib/data/schema.ts';

const marker = z.object({ threadId: z.guid(), sequence: z.int() });

/** Tells the other tabs of this browser what was read here, so that one person's unread counts agree everywhere. */
export class ReadMarkers {
  readonly #name: string;
  readonly #onRead: (threadId: string, sequence: number) => void;
  #channel: BroadcastChannel | null = null;

  constructor(userId: string, onRead: (threadId: string, sequence: number) => void) {
    this.#name = `threadline.read.${userId}`;
    this.#onRead = onRead;
  }

  start(): void {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => {
      const parsed = marker.safeParse(data);
      if (parsed.success) this.#onRead(parsed.data.threadId, parsed.data.sequence);
    };
  }

  stop(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  tell(threadId: string, sequence: number): void {
    this.#channel?.postMessage({ threadId, sequence });
  }
}
