import { businessOf, customerOf, type CarrierMessage } from './message.ts';

export interface CarrierEvent {
  kind: 'message' | 'status';
  customer: string;
  business: string | null;
  message: CarrierMessage;
}

/** Tells the handset pages that are open what just happened. Costs nothing while none is. */
export class CarrierEvents {
  readonly #listeners = new Set<(event: CarrierEvent) => void>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: CarrierEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(kind: CarrierEvent['kind'], message: CarrierMessage): void {
    if (this.#listeners.size === 0) return;
    const event = { kind, customer: customerOf(message), business: businessOf(message), message };
    for (const listener of this.#listeners) listener(event);
  }
}
