import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { CircuitCondition } from './accounts/circuit.ts';
import { registerEngineMetrics } from './engine-metrics.ts';
import type { EngineFigures } from './engine-metrics.ts';
import type { ClaimedJob } from './queue/claimed-job.ts';
import type { AttemptOutcome } from './queue/outcome.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300, 3600];

export type Metrics = ReturnType<typeof createMetrics>;

/** What is asked of the parts of the worker when somebody reads the figures. */
export interface WorkerFigures {
  inFlight(): number;
  waiting(): number;
  circuits(): ReadonlyMap<string, CircuitCondition>;
}

/** Every figure the worker keeps itself, and those it asks of the database when somebody reads them. */
export function createMetrics(engine: EngineFigures) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (suffix: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: name(suffix), help, labelNames, registers });
  const seconds = (suffix: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name: name(suffix), help, labelNames, buckets: SECONDS, registers });
  registerEngineMetrics(registry, engine);
  const textsFound = counter(
    'missing_texts_total',
    'Customers’ texts that had to be fetched from a carrier’s log, by what became of them',
    ['result'],
  );
  // The first is what counts, and it is an increase only of what was there before.
  for (const result of ['processed', 'failed']) textsFound.inc({ result }, 0);
  return {
    registry,
    claimed: counter('claimed_total', 'Jobs claimed, by queue', ['queue']),
    outcomes: counter('outcomes_total', 'What carrier calls came to, by outcome, error class and error', [
      'outcome',
      'class',
      'error',
    ]),
    released: counter('released_total', 'Jobs given back unsent'),
    asleep: new Gauge({ name: name('asleep'), help: '1 while waiting to be notified', registers }),
    lastLook: new Gauge({
      name: name('last_successful_poll_timestamp_seconds'),
      help: 'When the queue was last looked at, unix time',
      registers,
    }),
    databaseFailures: counter('database_failures_total', 'Statements that failed'),
    pickup: seconds('due_to_call_seconds', 'From the moment a job is due to its first carrier call'),
    carrierCall: seconds('carrier_call_seconds', 'Duration of carrier calls', ['provider']),
    media: counter('media_total', 'Inbound pictures, by what became of them', ['status']),
    attemptsLost: counter('attempts_lost_total', 'Attempts of dead workers that became unknown'),
    recalls: counter('recalls_total', 'Requests to cancel messages that wait at carriers, by answer', [
      'result',
    ]),
    reportLookUps: counter(
      'report_look_ups_total',
      'Messages without a report that their carriers were asked about, by what it led to',
      ['result'],
    ),
    inboundLooks: counter(
      'inbound_looks_total',
      'Looks into carriers’ logs for texts that never came, by result',
      ['result'],
    ),
    textsFound,
    lookUps: counter('look_ups_total', 'Searches of carriers’ logs for attempts of unknown end, by result', [
      'result',
    ]),
  };
}

function name(suffix: string): string {
  return `threadline_worker_${suffix}`;
}

const conditions: Readonly<Record<CircuitCondition, number>> = { closed: 0, probing: 1, open: 2 };

/** The figures that are read off the parts of the worker, at the moment of reading. */
export function registerWorkerFigures(registry: Registry, figures: WorkerFigures): void {
  const gauge = (suffix: string, help: string, labelNames: string[], collect: (self: Gauge) => void) =>
    new Gauge({
      name: name(suffix),
      help,
      labelNames,
      registers: [registry],
      collect() {
        collect(this);
      },
    });
  gauge('in_flight', 'Carrier calls under way', [], (self) => self.set(figures.inFlight()));
  gauge('waiting', 'Jobs in hand that wait for their time or for a place', [], (self) =>
    self.set(figures.waiting()),
  );
  gauge('circuit_state', 'Circuit of a carrier account: 0 closed, 1 probing, 2 open', ['account'], (self) => {
    for (const [account, condition] of figures.circuits()) self.set({ account }, conditions[condition]);
  });
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
  metrics.pickup.observe(job.waited_seconds + (performance.now() - job.claimed_at) / 1000);
}
