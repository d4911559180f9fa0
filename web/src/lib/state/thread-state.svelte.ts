import { threadTopic } from '@threadline/database/topics';
import type { Client } from '#lib/data/client.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import { message as messageRecord, type Message } from '#lib/data/records.ts';
import { z } from '#lib/data/schema.ts';
import { fetchThreadChanges, fetchThreadPage, markThreadRead, type ThreadPage } from '#lib/data/threads.ts';
import { BackOff } from '#lib/realtime/back-off.ts';
import { transactionsOf } from '#lib/realtime/announced-changes.ts';
import type { ChannelSlots } from '#lib/realtime/channel-slots.ts';
import { LiveChannel } from '#lib/realtime/live-channel.ts';
import type { ConnectionState } from './connection-state.svelte.ts';
import type { InboxState } from './inbox-state.svelte.ts';
import { buildTimeline, firstUnreadSequence, mergeMessages, type TimelineMessage } from './merge-messages.ts';
import type { OutboxState } from './outbox-state.svelte.ts';

const messageEvent = z.object({ message: messageRecord });
const readEvent = z.object({ user_id: z.guid(), sequence: z.int() });

/** Milliseconds before a topic is joined, so that running through the list with a key does not join every thread. */
const settleTime = 250;

export interface ThreadOptions {
  client: Client;
  slots: ChannelSlots;
  connection: ConnectionState;
  inbox: InboxState;
  outbox: OutboxState;
  organizationId: string;
  userId: string;
  /** Called when this tab has read the thread up to `sequence`. */
  onRead: (sequence: number) => void;
}

export type ThreadPhase = 'loading' | 'ready' | 'failed' | 'missing';

/** The messages of one thread, what is still to be sent in it, and how far it has been read. */
export class ThreadState {
  readonly id: string;
  readonly #options: ThreadOptions;
  readonly #channel: LiveChannel;
  #messages = $state.raw<Message[]>([]);
  #hasMore = $state(false);
  #phase = $state<ThreadPhase>('loading');
  #error = $state.raw<DataError | null>(null);
  #isLoadingOlder = $state(false);
  #olderError = $state.raw<DataError | null>(null);
  #dividerSequence = $state<number | null>(null);
  #cursor: string | null = null;
  #fetching: Promise<ThreadPage> | null = null;
  #readSequence = 0;
  readonly #readBackOff = new BackOff();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  readonly timeline: TimelineMessage[] = $derived.by(() =>
    buildTimeline(this.#messages, this.#options.outbox.forThread(this.id)),
  );

  constructor(id: string, options: ThreadOptions, opened?: ThreadPage) {
    this.id = id;
    this.#options = options;
    if (opened !== undefined) this.#fill(opened);
    const topic = threadTopic(options.organizationId, id);
    const onMessage = (payload: unknown) => this.#onMessage(payload);
    this.#channel = new LiveChannel({
      slots: options.slots,
      topic,
      events: {
        message_created: onMessage,
        message_changed: onMessage,
        thread_read: (payload) => this.#onRead(payload),
      },
      catchUp: () => this.#catchUp(),
      onStatus: (status) => options.connection.report(topic, status),
    });
  }

  get phase(): ThreadPhase {
    return this.#phase;
  }

  get error(): DataError | null {
    return this.#error;
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  get isLoadingOlder(): boolean {
    return this.#isLoadingOlder;
  }

  get olderError(): DataError | null {
    return this.#olderError;
  }

  /** Sequence of the first message that was unread when the thread was opened or left alone. */
  get dividerSequence(): number | null {
    return this.#dividerSequence;
  }

  get lastSequence(): number {
    return this.#messages.at(-1)?.sequence ?? 0;
  }

  /** Fetches the newest page unless it is here already. */
  async load(): Promise<void> {
    if (this.#phase === 'ready') return;
    this.#phase = 'loading';
    // What went wrong is in `phase` and `error`.
    await this.#fetchNewest().catch(() => undefined);
  }

  /** Joins the thread's topic once the reader has stayed a moment. */
  open(): void {
    const unread = this.#options.inbox.find(this.id)?.unread_count ?? 0;
    if (this.#phase === 'ready') this.#dividerSequence = firstUnreadSequence(this.#messages, unread);
    this.#options.connection.report(threadTopic(this.#options.organizationId, this.id), 'connecting');
    this.#settling = setTimeout(() => this.#channel.start(), settleTime);
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#channel.stop();
    this.#options.connection.forget(threadTopic(this.#options.organizationId, this.id));
    this.#dividerSequence = null;
  }

  nudge(): void {
    this.#channel.nudge();
  }

  /** Fetches what changed until these transactions are seen. */
  lookFor(transactions: readonly bigint[]): void {
    void this.#channel.reconcile(transactions);
  }

  async loadOlder(): Promise<void> {
    const oldest = this.#messages[0];
    if (this.#isLoadingOlder || !this.#hasMore || oldest === undefined) return;
    this.#isLoadingOlder = true;
    this.#olderError = null;
    try {
      const page = await fetchThreadPage(this.#options.client, this.id, oldest.sequence);
      this.#messages = mergeMessages(this.#messages, page.messages);
      this.#hasMore = page.has_more;
    } catch (thrown) {
      this.#olderError = toDataError(thrown);
    } finally {
      this.#isLoadingOlder = false;
    }
  }

  /** Works in messages that reached this browser another way. */
  apply(messages: Message[]): void {
    this.#messages = mergeMessages(this.#messages, messages);
  }

  /** Tells the database how far this person has read; does nothing when it knows. */
  async markRead(): Promise<void> {
    const sequence = this.lastSequence;
    const unread = this.#options.inbox.find(this.id)?.unread_count ?? 0;
    if (sequence <= this.#readSequence && unread === 0) return;
    this.#readSequence = sequence;
    await this.#tellRead();
  }

  /** Until it is known, also when the thread was left meanwhile: every other screen of this person waits for it. */
  async #tellRead(): Promise<void> {
    clearTimeout(this.#telling);
    const sequence = this.#readSequence;
    try {
      await markThreadRead(this.#options.client, this.id, sequence);
      this.#readBackOff.reset();
      this.#options.onRead(sequence);
    } catch (thrown) {
      clearTimeout(this.#telling);
      if (toDataError(thrown).kind === 'offline')
        this.#telling = setTimeout(() => void this.#tellRead(), this.#readBackOff.nextDelay());
      // Reading is marked again with the next message or the next look; nobody needs to hear of it.
      else this.#readSequence = 0;
    }
  }

  /** The first page, fetched once however many ask for it. Throws a DataError. */
  #fetchNewest(): Promise<ThreadPage> {
    this.#fetching ??= fetchThreadPage(this.#options.client, this.id)
      .then((opened) => {
        this.#fill(opened);
        return opened;
      })
      .catch((thrown: unknown) => {
        this.#error = toDataError(thrown);
        this.#phase = this.#error.code === 'not_permitted' ? 'missing' : 'failed';
        throw this.#error;
      })
      .finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  #fill(opened: ThreadPage): void {
    this.#messages = mergeMessages(this.#messages, opened.messages);
    this.#hasMore = opened.has_more;
    this.#cursor = opened.cursor;
    this.#phase = 'ready';
    this.#error = null;
    this.#dividerSequence = firstUnreadSequence(this.#messages, opened.thread.unread_count);
    this.#options.inbox.remember(opened.thread);
  }

  async #catchUp(): Promise<string> {
    if (this.#cursor === null) return (await this.#fetchNewest()).snapshot;
    const changes = await fetchThreadChanges(this.#options.client, this.id, this.#cursor);
    this.#cursor = changes.cursor;
    if (changes.reset) {
      this.#messages = [];
      this.#fill(await fetchThreadPage(this.#options.client, this.id));
    }
    this.#receive(changes.messages);
    return changes.snapshot;
  }

  #receive(messages: Message[]): void {
    const last = this.lastSequence;
    const firstNew = messages.find((message) => message.direction === 'inbound' && message.sequence > last);
    // Nobody is looking: what arrives now is what they will find new on their return.
    if (firstNew !== undefined && document.visibilityState === 'hidden')
      this.#dividerSequence ??= firstNew.sequence;
    this.apply(messages);
  }

  #onMessage(payload: unknown): void {
    const parsed = messageEvent.safeParse(payload);
    if (!parsed.success || parsed.data.message.sequence > this.lastSequence + 1) {
      // Unreadable, or one before it was lost on the way.
      void this.#channel.reconcile(transactionsOf(payload));
    }
    if (parsed.success) this.#receive([parsed.data.message]);
  }

  #onRead(payload: unknown): void {
    const parsed = readEvent.safeParse(payload);
    if (!parsed.success || parsed.data.user_id !== this.#options.userId) return;
    this.#readSequence = Math.max(this.#readSequence, parsed.data.sequence);
    this.#options.inbox.markRead(this.id, parsed.data.sequence);
  }
}
