import type { AuthorizationContext, Extension, ProbeOutcome, ReadFlags } from './authorization.ts';
import { publishPresenceDiff } from './broadcast.ts';
import { tooManyMessages } from './context.ts';
import type { RealtimeContext } from './context.ts';
import type { ProtocolVersion, Ref } from './frames.ts';
import type { JoinConfig } from './join-config.ts';
import { CallWindow } from './limits.ts';
import type { Frame, Subscriber, Topic, TopicName } from './registry.ts';
import type { Session } from './session.ts';
import { expiredMessage } from './tokens.ts';
import type { Bearer } from './tokens.ts';

/** What a channel's bearer may do; read at once on joining, written when first needed. */
export type Access = {
  token: string;
  bearer: Bearer;
  reads: ReadFlags;
  writes: Map<Extension, boolean>;
};

export type ChannelOptions = {
  session: Session;
  topic: string;
  /** Without the `realtime:` prefix; what policies see. */
  name: string;
  joinRef: Ref;
  config: JoinConfig;
  presenceKey: string;
  access: Access;
};

/** A day, well under what a timer can hold; longer lives are looked at again. */
const longestTimerMs = 86_400_000;

/** One joined channel of one socket. */
export class Channel implements Subscriber {
  readonly session: Session;
  readonly topic: string;
  readonly name: string;
  readonly joinRef: Ref;
  readonly config: JoinConfig;
  readonly presenceKey: string;
  readonly presenceCalls: CallWindow;
  presenceEnabled: boolean;
  access: Access;

  readonly #context: RealtimeContext;
  readonly #topicName: TopicName;
  readonly #subscription: Topic;
  readonly #replayedIds = new Set<string>();
  #held: { frame: Frame; messageId: string | undefined }[] | undefined = [];
  #expiryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(context: RealtimeContext, options: ChannelOptions) {
    this.#context = context;
    this.session = options.session;
    this.topic = options.topic;
    this.name = options.name;
    this.joinRef = options.joinRef;
    this.config = options.config;
    this.presenceKey = options.presenceKey;
    this.presenceEnabled = options.config.presenceEnabled;
    this.access = options.access;
    this.presenceCalls = new CallWindow(
      context.now,
      context.limits.presenceCalls,
      context.limits.presenceWindowMs,
    );
    this.#topicName = { isPrivate: options.config.isPrivate, name: options.name };
    this.#subscription = context.registry.subscribe(this.#topicName, this);
    this.watchExpiry();
  }

  get version(): ProtocolVersion {
    return this.session.version;
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  get subscription(): Topic {
    return this.#subscription;
  }

  get readsBroadcasts(): boolean {
    return !this.config.isPrivate || this.access.reads.broadcast === true;
  }

  get readsPresence(): boolean {
    return !this.config.isPrivate || this.access.reads.presence === true;
  }

  get authorizationContext(): AuthorizationContext {
    return { topic: this.name, claims: this.access.bearer.claims, headers: this.session.headers };
  }

  /** Whether the bearer may send; asked of the policies once per token. */
  async mayWrite(extension: Extension): Promise<ProbeOutcome<boolean>> {
    if (!this.config.isPrivate) return { ok: true, value: true };
    const { writes } = this.access;
    const known = writes.get(extension);
    if (known !== undefined) return { ok: true, value: known };
    const outcome = await this.#context.authorization.writable(this.authorizationContext, extension);
    if (outcome.ok) writes.set(extension, outcome.value);
    return outcome;
  }

  /** Sends what arrived while the join was being answered, and lets everything after it through. */
  release(replayed: { frame: Frame | undefined; id: string }[]): void {
    for (const { frame, id } of replayed) {
      this.#replayedIds.add(id);
      if (frame !== undefined) this.session.send(frame);
    }
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { frame, messageId } of held) this.receiveBroadcast(frame, messageId);
  }

  receiveBroadcast(frame: Frame, messageId?: string): void {
    if (this.#isClosed || (messageId !== undefined && this.#replayedIds.has(messageId))) return;
    if (this.#held) {
      this.#held.push({ frame, messageId });
      return;
    }
    this.session.send(frame);
    this.countMessage();
  }

  receivePresence(frame: Frame): void {
    // Until the join is answered the state that follows it says it all.
    if (this.#isClosed || this.#held) return;
    this.#context.rates.presence.add();
    this.session.send(frame);
  }

  replicationReady(): void {
    // A join that is being answered says it itself.
    if (this.#isClosed || this.#held || !this.config.wantsReplicationReady) return;
    this.pushSystem('ok', 'Replication connection established');
  }

  /** Counts one message against the project's rate, and closes the channel when that is used up. */
  countMessage(): void {
    this.#context.rates.messages.add();
    if (tooManyMessages(this.#context)) this.shutDown('Too many messages per second');
  }

  push(event: string, payload: unknown): void {
    if (!this.#isClosed) this.session.push(this.joinRef, this.topic, event, payload);
  }

  pushSystem(
    status: 'ok' | 'error',
    message: string,
    extension: 'system' | 'postgres_changes' = 'system',
  ): void {
    this.push('system', { extension, status, message, channel: this.name });
  }

  /** Tells the client why, and closes the channel. */
  shutDown(message: string): void {
    if (this.#isClosed) return;
    this.#context.log('warning', 'channel_shut_down', { reason: message.replace(this.name, '(topic)') });
    this.pushSystem('error', message);
    this.close();
  }

  /** Leaves the topic and says so. */
  close(): void {
    if (this.#isClosed) return;
    this.detach();
    this.session.sendText({
      joinRef: this.joinRef,
      ref: this.joinRef,
      topic: this.topic,
      event: 'phx_close',
      payload: {},
    });
  }

  /** Leaves the topic without a word; others learn that its presence is gone. */
  detach(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#expiryTimer);
    this.session.forget(this);
    this.#context.registry.unsubscribe(this.#topicName, this);
    const diff = this.#subscription.presence.untrack(this);
    if (diff) publishPresenceDiff(this.#subscription, diff);
  }

  /** Closes the channel when its token expires; to be called again after every new token. */
  watchExpiry(): void {
    clearTimeout(this.#expiryTimer);
    const { expiresAt } = this.access.bearer;
    if (expiresAt === undefined || this.#isClosed) return;
    const remaining = expiresAt - this.#context.now();
    if (remaining <= 0) {
      this.shutDown(expiredMessage(expiresAt / 1000, this.#context.now()));
      return;
    }
    this.#expiryTimer = setTimeout(() => this.watchExpiry(), Math.min(remaining, longestTimerMs));
  }
}
