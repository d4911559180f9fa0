import { inboxTopic } from '@threadline/database/topics';
import type { Client } from '#lib/data/client.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import { fetchInboxChanges, fetchInboxPage, inboxPageSize, type InboxPage } from '#lib/data/inbox.ts';
import {
  threadSummaryForAll,
  type Message,
  type ThreadSummary,
  type ThreadSummaryForAll,
} from '#lib/data/records.ts';
import { z } from '#lib/data/schema.ts';
import { transactionsOf } from '#lib/realtime/announced-changes.ts';
import { atMostEvery } from '#lib/realtime/at-most-every.ts';
import type { ChannelSlots } from '#lib/realtime/channel-slots.ts';
import { LiveChannel } from '#lib/realtime/live-channel.ts';
import { Snapshot } from '#lib/realtime/snapshot.ts';
import type { ConnectionState } from './connection-state.svelte.ts';
import { HeldOrder } from './held-order.svelte.ts';
import {
  appendPage,
  mergeSummaries,
  withReadMarker,
  withUnreadCount,
  type InboxRows,
} from './merge-summaries.ts';

const threadsChanged = z.union([
  z.object({ resync: z.literal(true) }),
  z.object({ threads: z.array(threadSummaryForAll) }),
]);

const membershipChanged = z.object({ user_id: z.guid() });

const optOutChanged = z.object({ phone_number: z.string(), opted_out: z.boolean() });

/** Milliseconds between two looks while a campaign is going out, which asks for one with every batch. */
const resyncInterval = 1_000;

export interface InboxOptions {
  client: Client;
  slots: ChannelSlots;
  connection: ConnectionState;
  organizationId: string;
  firstPage: InboxPage;
  /** Role or status of a member is another than before. */
  onMembershipChanged: (userId: string) => void;
  /** Silence, or a lost channel: what a suspended member gets, too. */
  onDoubt: () => void;
  /** So much changed at once, in these transactions, that single messages were not announced either. */
  onResync: (transactions: readonly bigint[]) => void;
}

/** The threads of one organization as this person sees them, always newest activity first. */
export class InboxState {
  readonly #options: InboxOptions;
  readonly #channel: LiveChannel;
  #inbox = $state.raw<InboxRows>({ rows: [], hasMore: true });
  /** Threads that are looked at but lie further down than was loaded. */
  #others = $state.raw<ReadonlyMap<string, ThreadSummary>>(new Map());
  #cursor: string;
  /** Up to where this person is known to have read, by thread. */
  readonly #readUpTo = new Map<string, number>();
  #openThreadId: string | null = null;
  #isLoadingMore = $state(false);
  #loadMoreError = $state.raw<DataError | null>(null);
  #latestArrival = $state.raw<ThreadSummary | null>(null);
  #resyncTransactions: bigint[] = [];
  #membershipTransactions: bigint[] = [];
  readonly #resync = atMostEvery(resyncInterval, () => {
    const transactions = this.#resyncTransactions;
    this.#resyncTransactions = [];
    void this.#channel.reconcile(transactions);
    this.#options.onResync(transactions);
  });

  readonly order = new HeldOrder(() => this.#inbox.rows);
  readonly unreadThreadCount = $derived(this.#inbox.rows.filter((row) => row.unread_count > 0).length);

  constructor(options: InboxOptions) {
    this.#options = options;
    const { threads, cursor } = options.firstPage;
    this.#inbox = { rows: threads, hasMore: threads.length >= inboxPageSize };
    this.#cursor = cursor;
    const topic = inboxTopic(options.organizationId);
    this.#channel = new LiveChannel({
      slots: options.slots,
      topic,
      events: {
        threads_changed: (payload) => this.#onThreadsChanged(payload),
        opt_out_changed: (payload) => this.#onOptOutChanged(payload),
        membership_changed: (payload) => this.#onMembershipChanged(payload),
      },
      catchUp: () => this.#catchUp(),
      onStatus: (status) => {
        options.connection.report(topic, status);
        if (status === 'lost' || status === 'ended') options.onDoubt();
      },
    });
  }

  get rows(): ThreadSummary[] {
    return this.order.rows;
  }

  /** The thread that last received a message while this page was open. */
  get latestArrival(): ThreadSummary | null {
    return this.#latestArrival;
  }

  get hasMore(): boolean {
    return this.#inbox.hasMore;
  }

  get isLoadingMore(): boolean {
    return this.#isLoadingMore;
  }

  get loadMoreError(): DataError | null {
    return this.#loadMoreError;
  }

  start(): void {
    this.#channel.start();
  }

  stop(): void {
    this.#resync.stop();
    this.#channel.stop();
  }

  nudge(): void {
    this.#channel.nudge();
  }

  find(threadId: string): ThreadSummary | undefined {
    return this.#inbox.rows.find((row) => row.id === threadId) ?? this.#others.get(threadId);
  }

  /** A thread was fetched by itself; from now on its changes are followed like those of the loaded rows. */
  remember(thread: ThreadSummary): void {
    if (!this.#others.has(thread.id)) this.#others = new Map(this.#others).set(thread.id, thread);
    this.#apply([thread]);
  }

  /** The thread on the screen, whose messages count as read while the page is visible. */
  setOpenThread(threadId: string | null): void {
    this.#openThreadId = threadId;
  }

  /** Somebody with this account has read up to `sequence`. */
  markRead(threadId: string, sequence: number): void {
    this.#readUpTo.set(threadId, Math.max(sequence, this.#readUpTo.get(threadId) ?? 0));
    const thread = this.find(threadId);
    if (thread !== undefined) this.#apply([thread]);
  }

  /** Shows a message of our own in its row before the broadcast says so. */
  noteSent(message: Message): void {
    const thread = this.find(message.thread_id);
    if (thread === undefined || thread.last_sequence >= message.sequence) return;
    const { id, sequence, direction, body, status, author_name, created_at } = message;
    this.#apply([
      {
        ...thread,
        last_message: {
          id,
          sequence,
          direction,
          preview: body,
          has_media: message.media.length > 0,
          status,
          author_name,
          created_at,
        },
        last_message_at: created_at,
        last_sequence: sequence,
      },
    ]);
  }

  async loadMore(): Promise<void> {
    const last = this.#inbox.rows.at(-1);
    if (this.#isLoadingMore || !this.#inbox.hasMore || last === undefined) return;
    this.#isLoadingMore = true;
    this.#loadMoreError = null;
    try {
      const page = await fetchInboxPage(this.#options.client, this.#options.organizationId, last);
      this.order.extend(page.threads.map((thread) => thread.id));
      const threads = this.#withReadMarkers(page.threads);
      this.#inbox = appendPage(this.#inbox, threads, threads.length >= inboxPageSize);
    } catch (thrown) {
      this.#loadMoreError = toDataError(thrown);
    } finally {
      this.#isLoadingMore = false;
    }
  }

  async #catchUp(): Promise<string> {
    const { client, organizationId } = this.#options;
    const changes = await fetchInboxChanges(client, organizationId, this.#cursor);
    this.#cursor = changes.cursor;
    const isMembershipSeen = this.#seesMembershipChange(new Snapshot(changes.snapshot));
    if (changes.threads.length === 0 || isMembershipSeen) this.#options.onDoubt();
    if (!changes.reset) {
      this.#apply(changes.threads);
      return changes.snapshot;
    }
    const page = await fetchInboxPage(client, organizationId);
    this.#cursor = page.cursor;
    this.#others = new Map();
    const rows = this.#withReadMarkers(page.threads);
    this.#inbox = { rows, hasMore: rows.length >= inboxPageSize };
    return page.snapshot;
  }

  #withReadMarkers(threads: readonly ThreadSummary[]): ThreadSummary[] {
    return threads.map((thread) => withReadMarker(thread, this.#readUpTo.get(thread.id)));
  }

  #onThreadsChanged(payload: unknown): void {
    const parsed = threadsChanged.safeParse(payload);
    if (!parsed.success || 'resync' in parsed.data) {
      this.#resyncTransactions.push(...transactionsOf(payload));
      this.#resync.call();
      return;
    }
    const counted = parsed.data.threads.map((thread) => this.#withUnreadCount(thread));
    this.#apply(counted.filter((thread) => thread !== null));
    if (counted.includes(null)) void this.#channel.reconcile(transactionsOf(payload));
  }

  #onOptOutChanged(payload: unknown): void {
    const parsed = optOutChanged.safeParse(payload);
    if (!parsed.success) {
      void this.#channel.reconcile(transactionsOf(payload));
      return;
    }
    const { phone_number: phoneNumber, opted_out } = parsed.data;
    const known = [...this.#inbox.rows, ...this.#others.values()];
    this.#apply(
      known.filter((row) => row.contact.phone_number === phoneNumber).map((row) => ({ ...row, opted_out })),
    );
  }

  #onMembershipChanged(payload: unknown): void {
    const parsed = membershipChanged.safeParse(payload);
    if (parsed.success) this.#options.onMembershipChanged(parsed.data.user_id);
    // Asked too early, the membership is what it was: it is asked for again once the change is sure to be seen.
    const transactions = transactionsOf(payload);
    this.#membershipTransactions.push(...transactions);
    void this.#channel.reconcile(transactions);
  }

  #seesMembershipChange(snapshot: Snapshot): boolean {
    const unseen = this.#membershipTransactions.filter((transaction) => !snapshot.sees(transaction));
    const isSeen = unseen.length < this.#membershipTransactions.length;
    this.#membershipTransactions = unseen;
    return isSeen;
  }

  #withUnreadCount(thread: ThreadSummaryForAll): ThreadSummary | null {
    const isOpen = thread.id === this.#openThreadId && document.visibilityState === 'visible';
    return withUnreadCount(this.find(thread.id), thread, isOpen);
  }

  #apply(observed: ThreadSummary[]): void {
    const changed = this.#withReadMarkers(observed);
    const arrived = changed.findLast((thread) => {
      const before = this.find(thread.id)?.last_inbound_sequence ?? 0;
      return thread.last_inbound_sequence > before && thread.last_message?.direction === 'inbound';
    });
    if (arrived !== undefined) this.#latestArrival = arrived;
    this.#inbox = mergeSummaries(this.#inbox, changed);
    const followed = changed.filter((thread) => this.#others.has(thread.id));
    if (followed.length === 0) return;
    const merged = mergeSummaries({ rows: [...this.#others.values()], hasMore: false }, followed);
    this.#others = new Map(merged.rows.map((thread) => [thread.id, thread]));
  }
}
