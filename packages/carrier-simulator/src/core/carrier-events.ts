import { businessOf, customerOf, type CarrierMessage } from './message.ts';

export interface MessageEvent {
  kind: 'message' | 'status';
  customer: string;
  business: string | null;
  message: CarrierMessage;
}

export type CarrierEvent = MessageEvent | { kind: 'reset' };

/** Tells the handset pages that are open what just happened. Costs nothing while none is. */
export class CarrierEvents {
  readonly #listeners = new Set<(event: CarrierEvent) => void>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: CarrierEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(kind: MessageEvent['kind'], message: CarrierMessage): void {
    if (this.#listeners.size === 0) return;
    this.#tell({ kind, customer: customerOf(message), business: businessOf(message), message });
  }

  publishReset(): void {
    this.#tell({ kind: 'reset' });
  }

  #tell(event: CarrierEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
