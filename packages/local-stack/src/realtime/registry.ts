import { randomBytes } from 'node:crypto';
import type { ProtocolVersion } from './frames.ts';
import { Presence } from './presence.ts';

export type Frame = string | Buffer;

/** One channel of one socket, as the topic sees it. */
export interface Subscriber {
  readonly version: ProtocolVersion;
  /** With the `realtime:` prefix. */
  readonly topic: string;
  readonly readsBroadcasts: boolean;
  readonly readsPresence: boolean;
  /** @param messageId of a row of realtime.messages, so that a replayed one is not delivered twice */
  receiveBroadcast(frame: Frame, messageId?: string): void;
  receivePresence(frame: Frame): void;
  /** Rows of realtime.messages are delivered from now on; some may have been missed before. */
  replicationReady(): void;
}

/** Public and private channels of one name are different topics. */
export type TopicName = { isPrivate: boolean; name: string };

export class Topic {
  readonly name: string;
  readonly subscribers = new Set<Subscriber>();
  readonly presence = new Presence<Subscriber>(() => randomBytes(9).toString('base64url'));

  constructor(name: string) {
    this.name = name;
  }
}

/** Every topic somebody has joined. */
export class Registry {
  readonly #topics = new Map<string, Topic>();

  find(name: TopicName): Topic | undefined {
    return this.#topics.get(keyOf(name));
  }

  subscribe(name: TopicName, subscriber: Subscriber): Topic {
    const topic = this.find(name) ?? new Topic(name.name);
    this.#topics.set(keyOf(name), topic);
    topic.subscribers.add(subscriber);
    return topic;
  }

  tellReplicationReady(): void {
    for (const { subscribers } of this.#topics.values()) {
      for (const subscriber of subscribers) subscriber.replicationReady();
    }
  }

  unsubscribe(name: TopicName, subscriber: Subscriber): void {
    const topic = this.find(name);
    topic?.subscribers.delete(subscriber);
    if (topic?.subscribers.size === 0) this.#topics.delete(keyOf(name));
  }
}

function keyOf({ isPrivate, name }: TopicName): string {
  return `${isPrivate ? 'private' : 'public'}:${name}`;
}
