import { createContext } from 'svelte';
import type { Client } from '#lib/data/client.ts';
import {
  acknowledgeAlerts,
  fetchAlertHistory,
  fetchQueueHealth,
  resumeAccount,
  type AlertHistory,
} from '#lib/data/delivery.ts';
import type { Alert, QueueHealth } from '#lib/data/delivery-records.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import { pollWhileVisible } from '#lib/poll.ts';
import type { DeliveryNoticeState } from './delivery-notice-state.svelte.ts';

/** Milliseconds between two looks at figures somebody is looking at; see docs/decisions/0022. */
const interval = 5_000;
/** Milliseconds after which figures count as old: when looking again has failed, and when it merely takes its time. */
const oldAfter = { failing: 3 * interval, slow: 60_000 };

/** The figures of the engine while the Delivery screen is open. */
export class DeliveryState {
  readonly #client: Client;
  readonly #organizationId: string;
  readonly #notice: DeliveryNoticeState;
  #health = $state.raw<QueueHealth | null>(null);
  #history = $state.raw<AlertHistory | null>(null);
  #error = $state.raw<DataError | null>(null);
  #historyError = $state.raw<DataError | null>(null);
  /** Milliseconds since the epoch, by this computer's clock. */
  #seenAt = $state(0);
  #isOld = $state(false);

  constructor(client: Client, organizationId: string, notice: DeliveryNoticeState) {
    this.#client = client;
    this.#organizationId = organizationId;
    this.#notice = notice;
  }

  get health(): QueueHealth | null {
    return this.#health;
  }

  get history(): AlertHistory | null {
    return this.#history;
  }

  /** Why the last look failed; null when it did not. */
  get error(): DataError | null {
    return this.#error;
  }

  get historyError(): DataError | null {
    return this.#historyError;
  }

  get seenAt(): number {
    return this.#seenAt;
  }

  /** The figures are from a while ago, because looking again has failed or hangs. */
  get isOld(): boolean {
    return this.#isOld;
  }

  /** Looks again and again while the page is visible; the returned function stops. */
  start(): () => void {
    const stop = pollWhileVisible(() => this.look(), interval);
    // A look that hangs says nothing, so the age is watched by itself.
    const watch = setInterval(() => this.#judgeAge(), 1_000);
    return () => {
      stop();
      clearInterval(watch);
    };
  }

  async look(): Promise<void> {
    try {
      const health = await fetchQueueHealth(this.#client, this.#organizationId);
      const closed = this.#health?.alerts.some(({ id }) => !health.alerts.some((open) => open.id === id));
      this.#health = health;
      this.#error = null;
      this.#seenAt = Date.now();
      this.#notice.note(health);
      if (closed === true && this.#history !== null) void this.loadHistory();
    } catch (thrown) {
      this.#error = toDataError(thrown);
    }
    this.#judgeAge();
  }

  /** The first page of alerts that are over. */
  async loadHistory(): Promise<void> {
    this.#historyError = null;
    try {
      this.#history = await fetchAlertHistory(this.#client, this.#organizationId);
    } catch (thrown) {
      this.#historyError = toDataError(thrown);
    }
  }

  async loadMoreHistory(): Promise<void> {
    const known = this.#history;
    if (known === null || !known.hasMore) return;
    this.#historyError = null;
    try {
      const next = await fetchAlertHistory(this.#client, this.#organizationId, known.alerts.at(-1));
      this.#history = { alerts: [...known.alerts, ...next.alerts], hasMore: next.hasMore };
    } catch (thrown) {
      this.#historyError = toDataError(thrown);
    }
  }

  /** Throws a DataError. */
  async acknowledge(alert: Alert): Promise<void> {
    await acknowledgeAlerts(this.#client, this.#organizationId, [alert.id]);
    await this.look();
  }

  /** Throws a DataError. */
  async resume(accountId: string): Promise<void> {
    await resumeAccount(this.#client, accountId);
    await this.look();
  }

  #judgeAge(): void {
    const isVisible = document.visibilityState === 'visible';
    const limit = this.#error === null ? oldAfter.slow : oldAfter.failing;
    this.#isOld = isVisible && this.#seenAt > 0 && Date.now() - this.#seenAt > limit;
  }
}

export const [getDelivery, setDelivery] = createContext<DeliveryState>();
