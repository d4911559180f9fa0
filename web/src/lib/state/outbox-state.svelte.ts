import type { Client } from '#lib/data/client.ts';
import { toDataError } from '#lib/data/errors.ts';
import type { Message } from '#lib/data/records.ts';
import { z } from '#lib/data/schema.ts';
import { sendMessage } from '#lib/data/threads.ts';
import { BackOff } from '#lib/realtime/back-off.ts';
import { Kept } from './kept.ts';
import type { PendingMessage } from './merge-messages.ts';
import { createUniqueKey } from './unique-key.ts';

const kept = z.object({
  clientKey: z.guid(),
  threadId: z.guid(),
  body: z.string(),
  createdAt: z.string(),
  state: z.enum(['sending', 'waiting', 'refused']),
  reason: z.string().nullable(),
});

/** Milliseconds after which a tab looks after what another one promised and may have been closed with. */
const lookAfterMs = 5_000;

/**
 * Messages promised and not yet confirmed, in whichever tab of this browser. Each keeps one client key for life, and the database answers a key it knows
 * with the message it has: however often an entry is tried, from however many tabs, it is sent once.
 */
export class OutboxState {
  readonly #client: Client;
  readonly #kept: Kept<PendingMessage>;
  readonly #backOff = new BackOff();
  readonly #onSent: (message: Message) => void;
  readonly #busyThreads = new Set<string>();
  #entries = $state.raw<PendingMessage[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | null = null;

  constructor(client: Client, owner: string, onSent: (message: Message) => void) {
    this.#client = client;
    this.#kept = new Kept(`threadline.outbox.${owner}.`, kept);
    this.#onSent = onSent;
  }

  /** Takes up what an earlier visit left, and follows the other tabs; called once in the browser. */
  restore(): void {
    this.#entries = inOrder(this.#kept.all());
    this.#unwatch = this.#kept.watch((clientKey, entry) => this.#follow(clientKey, entry));
    this.flush();
  }

  forThread(threadId: string): PendingMessage[] {
    return this.#entries.filter((entry) => entry.threadId === threadId);
  }

  send(threadId: string, body: string): void {
    const entry: PendingMessage = {
      clientKey: createUniqueKey(),
      threadId,
      body,
      createdAt: new Date().toISOString(),
      state: 'sending',
      reason: null,
    };
    this.#entries = [...this.#entries, entry];
    this.#kept.set(entry.clientKey, entry);
    void this.#work(threadId);
  }

  retry(clientKey: string): void {
    const entry = this.#find(clientKey);
    if (entry === undefined) return;
    this.#change(entry, { state: 'sending', reason: null });
    void this.#work(entry.threadId);
  }

  discard(clientKey: string): void {
    this.#entries = this.#entries.filter((entry) => entry.clientKey !== clientKey);
    this.#kept.remove(clientKey);
  }

  /** What is sent or thrown away in one tab is so in all, and what is promised in one every other keeps. */
  #follow(clientKey: string, entry: PendingMessage | null): void {
    const known = this.#find(clientKey);
    const others = this.#entries.filter((other) => other.clientKey !== clientKey);
    if (entry === null) this.#entries = others;
    else if (known === undefined) {
      this.#entries = inOrder([...others, entry]);
      this.#flushIn(lookAfterMs);
    } else if (entry.state === 'refused' || known.state === 'refused')
      this.#entries = inOrder([...others, entry]);
  }

  /** Tries everything that waits for a connection. */
  flush(): void {
    clearTimeout(this.#timer);
    for (const threadId of new Set(this.#entries.map((entry) => entry.threadId))) void this.#work(threadId);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = null;
  }

  #flushIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    // Stopped, it no longer hears what is thrown away.
    if (this.#unwatch !== null) this.#timer = setTimeout(() => this.flush(), milliseconds);
  }

  /** One after the other, so that messages of a thread arrive in the order they were written. */
  async #work(threadId: string): Promise<void> {
    if (this.#busyThreads.has(threadId)) return;
    this.#busyThreads.add(threadId);
    try {
      for (let next = this.#next(threadId); next !== undefined; next = this.#next(threadId)) {
        if (!(await this.#attempt(next))) return;
      }
    } finally {
      this.#busyThreads.delete(threadId);
    }
  }

  /** False when there is no way through, so that nothing overtakes the entry. */
  async #attempt(entry: PendingMessage): Promise<boolean> {
    this.#change(entry, { state: 'sending' });
    try {
      const message = await sendMessage(this.#client, entry.threadId, entry.body, entry.clientKey);
      this.#onSent(message);
      this.discard(entry.clientKey);
      this.#backOff.reset();
      return true;
    } catch (thrown) {
      const error = toDataError(thrown);
      if (error.kind === 'offline') {
        this.#change(entry, { state: 'waiting' });
        this.#flushIn(this.#backOff.nextDelay());
        return false;
      }
      this.#change(entry, { state: 'refused', reason: error.message });
      return true;
    }
  }

  #next(threadId: string): PendingMessage | undefined {
    return this.#entries.find((entry) => entry.threadId === threadId && entry.state !== 'refused');
  }

  #find(clientKey: string): PendingMessage | undefined {
    return this.#entries.find((entry) => entry.clientKey === clientKey);
  }

  #change(entry: PendingMessage, change: Partial<PendingMessage>): void {
    if (this.#find(entry.clientKey) === undefined) return;
    const changed = { ...entry, ...change };
    this.#entries = this.#entries.map((other) => (other.clientKey === entry.clientKey ? changed : other));
    this.#kept.set(entry.clientKey, changed);
  }
}

function inOrder(entries: PendingMessage[]): PendingMessage[] {
  return [...entries].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}
