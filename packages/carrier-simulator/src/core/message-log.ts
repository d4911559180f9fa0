import { customerOf, type CarrierMessage } from './message.ts';

/**
 * Every message in order of arrival, in memory and bounded: the oldest make room for the newest. Sequence numbers are
 * contiguous, so a position is found by arithmetic.
 */
export class MessageLog {
  readonly #capacity: number;
  readonly #onEvict: (message: CarrierMessage) => void;
  #entries: CarrierMessage[] = [];
  /** Position of the oldest message still held; what is before it waits to be cut off in one go. */
  #head = 0;
  #nextSequence = 1;
  readonly #bySid = new Map<string, CarrierMessage>();
  readonly #byCustomer = new Map<string, CarrierMessage[]>();

  /** @param onEvict told about every message that made room, so that what belongs to it can go too */
  constructor(capacity: number, onEvict: (message: CarrierMessage) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.length - this.#head;
  }

  get lastSequence(): number {
    return this.#nextSequence - 1;
  }

  /** Adds a message and gives it its sequence number. */
  append(message: CarrierMessage): void {
    message.sequence = this.#nextSequence++;
    this.#entries.push(message);
    this.#bySid.set(message.sid, message);
    const customer = customerOf(message);
    const conversation = this.#byCustomer.get(customer);
    if (conversation) conversation.push(message);
    else this.#byCustomer.set(customer, [message]);
    if (this.size > this.#capacity) this.#evictOldest();
  }

  find(sid: string): CarrierMessage | undefined {
    return this.#bySid.get(sid);
  }

  /** Makes a message unfindable, as deleting it at the carrier does. It keeps its place in the record of what was sent. */
  remove(message: CarrierMessage): void {
    message.deleted = true;
    this.#bySid.delete(message.sid);
  }

  /** Oldest first, of one customer. */
  conversation(customer: string): readonly CarrierMessage[] {
    return this.#byCustomer.get(customer) ?? [];
  }

  /** Oldest first, beginning after a sequence number. */
  *after(sequence: number): Generator<CarrierMessage> {
    const first = this.#nextSequence - this.size;
    const start = this.#head + Math.max(0, sequence + 1 - first);
    for (let index = start; index < this.#entries.length; index++) {
      const message = this.#entries[index];
      if (message) yield message;
    }
  }

  /** Newest first, beginning before a sequence number. */
  *before(sequence: number): Generator<CarrierMessage> {
    const first = this.#nextSequence - this.size;
    const start = Math.min(this.#entries.length - 1, this.#head + (sequence - 1 - first));
    for (let index = start; index >= this.#head; index--) {
      const message = this.#entries[index];
      if (message) yield message;
    }
  }

  /** Customers by their latest message, newest first. */
  recentCustomers(limit: number): string[] {
    const seen = new Set<string>();
    for (const message of this.before(this.#nextSequence)) {
      seen.add(customerOf(message));
      if (seen.size >= limit) break;
    }
    return [...seen];
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#nextSequence = 1;
    this.#bySid.clear();
    this.#byCustomer.clear();
  }

  #evictOldest(): void {
    const oldest = this.#entries[this.#head];
    if (!oldest) return;
    this.#bySid.delete(oldest.sid);
    this.#onEvict(oldest);
    const customer = customerOf(oldest);
    const conversation = this.#byCustomer.get(customer);
    conversation?.shift();
    if (conversation?.length === 0) this.#byCustomer.delete(customer);
    this.#head += 1;
    if (this.#head > 10_000 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
