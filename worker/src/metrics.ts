import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { AttemptOutcome } from './queue/outcome.ts';
import type { ClaimedJob, Queue, QueueDepth } from './queue/queue.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300, 3600];

export type Metrics = ReturnType<typeof createMetrics>;

/** Every figure the worker keeps. Queue depths are asked of the database when somebody reads them. */
export function createMetrics(queue: Pick<Queue, 'depths'>) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const name = (suffix: string) => `threadline_worker_${suffix}`;
  const metrics = {
    registry,
    claimed: new Counter({
      name: name('claimed_total'),
      help: 'Jobs claimed, by queue',
      labelNames: ['queue'],
      registers,
    }),
    outcomes: new Counter({
      name: name('outcomes_total'),
      help: 'What carrier calls came to, by outcome, error class and error',
      labelNames: ['outcome', 'class', 'error'],
      registers,
    }),
    released: new Counter({ name: name('released_total'), help: 'Jobs given back unsent', registers }),
    inFlight: new Gauge({ name: name('in_flight'), help: 'Sends in flight', registers }),
    asleep: new Gauge({ name: name('asleep'), help: '1 while waiting to be notified', registers }),
    lastLook: new Gauge({
      name: name('last_successful_poll_timestamp_seconds'),
      help: 'When the queue was last looked at, unix time',
      registers,
    }),
    databaseFailures: new Counter({
      name: name('database_failures_total'),
      help: 'Statements that failed',
      registers,
    }),
    pickup: new Histogram({
      name: name('enqueue_to_call_seconds'),
      help: 'From the enqueueing of a job to its first carrier call',
      buckets: SECONDS,
      registers,
    }),
    carrierCall: new Histogram({
      name: name('carrier_call_seconds'),
      help: 'Duration of carrier calls',
      labelNames: ['provider'],
      buckets: SECONDS,
      registers,
    }),
    media: new Counter({
      name: name('media_total'),
      help: 'Inbound pictures, by what became of them',
      labelNames: ['status'],
      registers,
    }),
    attemptsLost: new Counter({
      name: name('attempts_lost_total'),
      help: 'Attempts of dead workers that became unknown',
      registers,
    }),
  };
  registerDepths(registry, queue);
  return metrics;
}

function registerDepths(registry: Registry, queue: Pick<Queue, 'depths'>): void {
  let reading: Promise<QueueDepth[]> | null = null;
  // Both figures of one scrape come from one statement. Without the database there is nothing to say; readyz says that.
  const depths = () =>
    (reading ??= queue
      .depths()
      .catch(() => [])
      .finally(() => (reading = null)));
  const gauge = (name: string, help: string, figure: (depth: QueueDepth) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers: [registry],
      async collect() {
        for (const depth of await depths()) this.set({ queue: depth.queue }, figure(depth));
      },
    });
  gauge('threadline_queue_length', 'Messages in a queue, visible or not', (depth) => depth.length);
  gauge(
    'threadline_queue_oldest_age_seconds',
    'Age of the oldest message of a queue',
    (depth) => depth.oldest_age_seconds ?? 0,
  );
}

export function recordOutcome(metrics: Metrics, outcome: AttemptOutcome): void {
  metrics.outcomes.inc({
    outcome: outcome.outcome,
    class: outcome.error_class ?? 'none',
    error: outcome.error_message ?? 'none',
  });
}

/** Only of first tries: a later one waited on purpose. */
export function recordPickup(metrics: Metrics, job: ClaimedJob): void {
  if (job.retry_count > 0) return;
  metrics.pickup.observe(Math.max(0, Date.now() - job.enqueued_at.getTime()) / 1000);
}
