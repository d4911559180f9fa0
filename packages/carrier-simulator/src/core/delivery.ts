import type { Account, AccountDirectory } from './account.ts';
import { servicePool, stickySender } from './account.ts';
import type { CarrierEvents } from './carrier-events.ts';
import { endingFor, noReceipt } from './delivery-endings.ts';
import type { CarrierMessage, CarrierStatus } from './message.ts';
import type { OptOutList } from './opt-outs.ts';

/** How long a message takes from step to step, in milliseconds. */
export interface DeliveryTimings {
  /** accepted → queued: a messaging service chooses a sender. */
  chooseMs: number;
  /** queued → sent: the wait for the next carrier. */
  sendMs: number;
  /** sent → delivered or undelivered: the receipt comes back. */
  receiptMs: number;
}

export const defaultTimings: DeliveryTimings = { chooseMs: 15, sendMs: 60, receiptMs: 240 };

interface Parts {
  accounts: AccountDirectory;
  optOuts: OptOutList;
  events: CarrierEvents;
  timings: DeliveryTimings;
  /** Fetches media the client named; false fails the message. */
  fetchMedia: (message: CarrierMessage) => Promise<boolean>;
  /** Called for every status a client is told about: all but the first. */
  report: (message: CarrierMessage, status: CarrierStatus) => void;
}

/** `setTimeout` counts in 32 bits; longer waits are taken in steps. */
const longestTimer = 2 ** 31 - 1;

/** Moves messages along: chosen, queued, sent, delivered or not. One timer per message and step. */
export class Delivery {
  readonly #parts: Parts;
  /** Timers of an earlier epoch find their messages forgotten. */
  #epoch = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins once the client has its answer. */
  start(message: CarrierMessage): void {
    if (message.status === 'scheduled') this.#waitUntilDue(message);
    else if (message.status === 'accepted') this.#after(this.#parts.timings.chooseMs, message, this.#choose);
    else this.#queue(message);
  }

  /** Stops a message that is still scheduled. Returns false when it is too late. */
  cancel(message: CarrierMessage): boolean {
    if (message.status !== 'scheduled') return false;
    this.#move(message, 'canceled');
    return true;
  }

  /** Lets this much time pass for a message that is still scheduled. Returns false when it is not. */
  hasten(message: CarrierMessage, milliseconds: number): boolean {
    if (message.status !== 'scheduled' || message.sendAt === null) return false;
    message.sendAt -= milliseconds;
    this.#waitUntilDue(message);
    return true;
  }

  reset(): void {
    this.#epoch += 1;
  }

  #after(delayMs: number, message: CarrierMessage, step: (message: CarrierMessage) => void): void {
    const epoch = this.#epoch;
    setTimeout(() => {
      if (epoch === this.#epoch) step.call(this, message);
    }, delayMs).unref();
  }

  #waitUntilDue(message: CarrierMessage): void {
    if (message.status !== 'scheduled') return;
    const delayMs = (message.sendAt ?? 0) - Date.now();
    if (delayMs > 0) this.#after(Math.min(delayMs, longestTimer), message, this.#waitUntilDue);
    else this.#choose(message);
  }

  #choose(message: CarrierMessage): void {
    const account = this.#parts.accounts.bySid(message.accountSid);
    if (!account) return;
    message.from ??= this.#chooseSender(account, message);
    if (this.#parts.optOuts.blocks(account, message.from, message.to)) {
      this.#fail(message, 21610);
      return;
    }
    this.#move(message, 'queued');
    this.#queue(message);
  }

  #chooseSender(account: Account, message: CarrierMessage): string {
    const pool = servicePool(account, message.messagingServiceSid ?? '') ?? [];
    return stickySender(pool, message.to) ?? account.numbers[0]?.phoneNumber ?? '';
  }

  #queue(message: CarrierMessage): void {
    const { sendMs } = this.#parts.timings;
    const validityMs = message.validitySeconds * 1000;
    if (validityMs < sendMs) this.#after(validityMs, message, this.#expire);
    else this.#after(sendMs, message, this.#dispatch);
  }

  #expire(message: CarrierMessage): void {
    this.#fail(message, 30036);
  }

  #dispatch(message: CarrierMessage): void {
    if (message.media.length === 0) {
      this.#send(message);
      return;
    }
    message.status = 'sending';
    const epoch = this.#epoch;
    void this.#parts.fetchMedia(message).then((fetched) => {
      if (epoch !== this.#epoch) return;
      if (fetched) this.#send(message);
      else this.#fail(message, 11200);
    });
  }

  #send(message: CarrierMessage): void {
    if (message.doom !== null && endingFor(message.doom).status === 'failed') {
      this.#fail(message, message.doom);
      return;
    }
    message.sentAt = Date.now();
    this.#move(message, 'sent');
    if (message.doom !== noReceipt) this.#after(this.#parts.timings.receiptMs, message, this.#finish);
  }

  #finish(message: CarrierMessage): void {
    if (message.doom === null) this.#move(message, 'delivered');
    else this.#fail(message, message.doom);
  }

  #fail(message: CarrierMessage, code: number): void {
    const ending = endingFor(code);
    message.errorCode = code;
    message.errorMessage = ending.message;
    this.#move(message, ending.status);
  }

  #move(message: CarrierMessage, status: CarrierStatus): void {
    message.status = status;
    message.updatedAt = Date.now();
    message.transitions.push({ status, at: message.updatedAt });
    this.#parts.report(message, status);
    this.#parts.events.publish('status', message);
  }
}
