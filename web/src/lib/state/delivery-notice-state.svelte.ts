import type { Client } from '#lib/data/client.ts';
import { fetchDeliveryNotice } from '#lib/data/delivery.ts';
import type { DeliveryNotice, QueueHealth } from '#lib/data/delivery-records.ts';
import { pollWhileVisible } from '#lib/poll.ts';

/** Milliseconds between two looks for what may wait a minute; see docs/decisions/0022. */
const interval = 60_000;

const nothing: DeliveryNotice = { undecided: 0, alerts: 0, is_critical: false };

/** Whether an admin should open the Delivery screen. */
export class DeliveryNoticeState {
  readonly #client: Client;
  readonly #organizationId: string;
  #notice = $state.raw(nothing);

  constructor(client: Client, organizationId: string) {
    this.#client = client;
    this.#organizationId = organizationId;
  }

  get notice(): DeliveryNotice {
    return this.#notice;
  }

  /** Looks now and then while the page is visible; the returned function stops. */
  start(): () => void {
    return pollWhileVisible(() => this.#look(), interval);
  }

  /** The open screen knows more, and sooner. */
  note(health: Pick<QueueHealth, 'alerts' | 'undecided'>): void {
    const asking = health.alerts.filter(
      ({ kind, acknowledged_at }) => kind !== 'send_unconfirmed' && acknowledged_at === null,
    );
    this.#notice = {
      undecided: health.undecided,
      alerts: asking.length,
      is_critical: asking.some(({ severity }) => severity === 'critical'),
    };
  }

  async #look(): Promise<void> {
    try {
      this.#notice = await fetchDeliveryNotice(this.#client, this.#organizationId);
    } catch {
      // The mark in the navigation is a hint; the screen itself says when it cannot look.
    }
  }
}
