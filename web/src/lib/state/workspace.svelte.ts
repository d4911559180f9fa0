import { createContext } from 'svelte';
import type { Client } from '#lib/data/client.ts';
import type { InboxPage } from '#lib/data/inbox.ts';
import { findMembership } from '#lib/data/members.ts';
import type { Member, Organization, PhoneNumber } from '#lib/data/records.ts';
import type { ThreadPage } from '#lib/data/threads.ts';
import { ChannelSlots } from '#lib/realtime/channel-slots.ts';
import { ConnectionState } from './connection-state.svelte.ts';
import { DeliveryNoticeState } from './delivery-notice-state.svelte.ts';
import { DraftsState } from './drafts-state.svelte.ts';
import { InboxState } from './inbox-state.svelte.ts';
import { OutboxState } from './outbox-state.svelte.ts';
import { ReadMarkers } from './read-markers.ts';
import { ThreadState } from './thread-state.svelte.ts';

/** Threads kept in memory, so that going back to one shows it at once. */
const keptThreads = 20;

export interface WorkspaceSeed {
  organization: Organization;
  me: Member;
  phoneNumbers: PhoneNumber[];
  inboxPage: InboxPage;
  /** The thread in the address when the page was rendered. */
  openedThread: ThreadPage | null;
}

/** Everything a member sees of one organization in this tab. */
export class Workspace {
  readonly client: Client;
  readonly organization: Organization;
  readonly phoneNumbers: PhoneNumber[];
  readonly deliveryNotice: DeliveryNoticeState;
  readonly connection = new ConnectionState();
  readonly inbox: InboxState;
  readonly drafts: DraftsState;
  readonly outbox: OutboxState;
  readonly #slots: ChannelSlots;
  readonly #threads = new Map<string, ThreadState>();
  readonly #readMarkers: ReadMarkers;
  #openThread: ThreadState | null = null;
  #me: Member;
  #isOut = $state(false);
  #stop: (() => void) | null = null;

  constructor(client: Client, seed: WorkspaceSeed) {
    this.client = client;
    this.organization = seed.organization;
    this.#me = $state.raw(seed.me);
    this.phoneNumbers = seed.phoneNumbers;
    this.#slots = new ChannelSlots(client);
    const organizationId = seed.organization.id;
    this.inbox = new InboxState({
      client,
      slots: this.#slots,
      connection: this.connection,
      organizationId,
      firstPage: seed.inboxPage,
      onMembershipChanged: (userId) => {
        if (userId === seed.me.user_id) void this.#checkMembership();
      },
      onDoubt: () => void this.#checkMembership(),
      onResync: (transactions) => this.#openThread?.lookFor(transactions),
    });
    this.deliveryNotice = new DeliveryNoticeState(client, organizationId);
    this.drafts = new DraftsState(organizationId, seed.me.user_id);
    this.outbox = new OutboxState(client, `${organizationId}.${seed.me.user_id}`, (message) => {
      this.#threads.get(message.thread_id)?.apply([message]);
      this.inbox.noteSent(message);
    });
    this.#readMarkers = new ReadMarkers(seed.me.user_id, (threadId, sequence) =>
      this.inbox.markRead(threadId, sequence),
    );
    if (seed.openedThread !== null) this.#make(seed.openedThread.thread.id, seed.openedThread);
  }

  get me(): Member {
    return this.#me;
  }

  /** Owners and admins run the organization; everybody else works in it. */
  get isAdmin(): boolean {
    return this.#me.role !== 'agent';
  }

  /** This person was suspended or taken out; nothing here moves any more. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Connects to the outside world; the returned function lets go of it. */
  start(): () => void {
    this.#stop = this.#connect();
    return () => this.#leave();
  }

  #connect(): () => void {
    // Back from the page cache of the browser, where nothing ran.
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) this.#lookAgain();
    };
    const onOffline = () => this.connection.setOnline(false);
    const onOnline = () => {
      this.connection.setOnline(true);
      this.#lookAgain();
    };
    const onVisible = () => {
      if (document.visibilityState === 'visible') this.#lookAgain();
    };
    this.connection.setOnline(navigator.onLine);
    window.addEventListener('online', onOnline);
    window.addEventListener('offline', onOffline);
    window.addEventListener('pageshow', onPageShow);
    document.addEventListener('visibilitychange', onVisible);
    this.#readMarkers.start();
    this.inbox.start();
    this.outbox.restore();
    const stopDrafts = this.drafts.start();
    return () => {
      stopDrafts();
      window.removeEventListener('online', onOnline);
      window.removeEventListener('offline', onOffline);
      window.removeEventListener('pageshow', onPageShow);
      document.removeEventListener('visibilitychange', onVisible);
      this.#readMarkers.stop();
      this.inbox.stop();
      this.outbox.stop();
    };
  }

  thread(threadId: string): ThreadState {
    return this.#threads.get(threadId) ?? this.#make(threadId);
  }

  /** The thread on the screen; the returned function takes it off. */
  openThread(thread: ThreadState): () => void {
    this.#openThread = thread;
    this.inbox.setOpenThread(thread.id);
    thread.open();
    return () => {
      thread.close();
      if (this.#openThread !== thread) return;
      this.#openThread = null;
      this.inbox.setOpenThread(null);
    };
  }

  #make(threadId: string, opened?: ThreadPage): ThreadState {
    const thread = new ThreadState(
      threadId,
      {
        client: this.client,
        slots: this.#slots,
        connection: this.connection,
        inbox: this.inbox,
        outbox: this.outbox,
        organizationId: this.organization.id,
        userId: this.me.user_id,
        onRead: (sequence) => {
          this.inbox.markRead(threadId, sequence);
          this.#readMarkers.tell(threadId, sequence);
        },
      },
      opened,
    );
    this.#threads.set(threadId, thread);
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= keptThreads) break;
      if (oldest !== this.#openThread?.id) this.#threads.delete(oldest);
    }
    return thread;
  }

  /** Asks what this person is now: nobody but they may read it, and a suspended member may read nothing. */
  async #checkMembership(): Promise<void> {
    try {
      const me = await findMembership(this.client, this.organization.id, this.#me.user_id);
      if (me !== null) {
        this.#me = me;
        return;
      }
      this.#isOut = true;
      this.#leave();
    } catch {
      // Out of reach: the next catching up is refused, and asks again.
    }
  }

  #leave(): void {
    this.#stop?.();
    this.#stop = null;
    this.#openThread?.close();
  }

  #lookAgain(): void {
    this.#slots.checkPulse();
    this.inbox.nudge();
    this.#openThread?.nudge();
    this.outbox.flush();
  }
}

export const [getWorkspace, setWorkspace] = createContext<Workspace>();
