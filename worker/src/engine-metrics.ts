import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { z } from 'zod';

const count = z.number();
/** What worker.engine_metrics answers: counts and ages, nobody's data. */
export const engineState = z.object({
  queues: z
    .array(z.object({ queue: z.string(), length: count, oldest_age_seconds: count.nullable() }))
    .nullable(),
  jobs: z.record(z.string(), count),
  oldest_due_seconds: count.nullable(),
  attempts_in_flight: count,
  unknown_attempts: count,
  failed_events: count,
  accounts: z.array(
    z.object({
      id: z.string(),
      provider: z.string(),
      is_paused: z.boolean(),
      lines: count,
      free_lines: count,
      behind_seconds: count.nullable(),
    }),
  ),
  open_alerts: z.record(z.string(), count),
});

export type EngineState = z.infer<typeof engineState>;
export interface EngineFigures {
  engineState(): Promise<EngineState>;
}

type Labels = Readonly<Record<string, string>>;
type Figure = readonly [labels: Labels, value: number];

/**
 * The state of the whole engine as the database sees it. Every worker tells the same, so take the greatest, not the sum.
 * All figures of one reading come from one statement; without the database there are none, and readyz says why.
 */
export function registerEngineMetrics(registry: Registry, engine: EngineFigures): void {
  let reading: Promise<EngineState | null> | null = null;
  const state = () =>
    (reading ??= engine
      .engineState()
      .catch(() => null)
      .finally(() => (reading = null)));
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    figures: (state: EngineState) => readonly Figure[],
  ) =>
    new Gauge({
      name: `threadline_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const current = await state();
        this.reset();
        if (current !== null) for (const [labels, value] of figures(current)) this.set(labels, value);
      },
    });
  gauge('queue_length', 'Messages in a queue, visible or not', ['queue'], (now) =>
    (now.queues ?? []).map((queue) => [{ queue: queue.queue }, queue.length]),
  );
  gauge('queue_oldest_age_seconds', 'Age of the oldest message of a queue', ['queue'], (now) =>
    (now.queues ?? []).map((queue) => [{ queue: queue.queue }, queue.oldest_age_seconds ?? 0]),
  );
  gauge('jobs', 'Jobs that are not over, by status', ['status'], (now) =>
    Object.entries(now.jobs).map(([status, jobs]) => [{ status }, jobs]),
  );
  gauge('oldest_due_seconds', 'How long the job that waits longest has been due', [], (now) => [
    [{}, now.oldest_due_seconds ?? 0],
  ]);
  gauge('attempts_in_flight', 'Attempts in the hands of workers', [], (now) => [
    [{}, now.attempts_in_flight],
  ]);
  gauge('attempts_unknown', 'Attempts whose end nobody knows', [], (now) => [[{}, now.unknown_attempts]]);
  gauge(
    'events_failed',
    'Carrier events of the last day that could not be acted on and need a person',
    [],
    (now) => [[{}, now.failed_events]],
  );
  gauge('alerts_open', 'Open alerts, by kind', ['kind'], (now) =>
    Object.entries(now.open_alerts).map(([kind, alerts]) => [{ kind }, alerts]),
  );
  registerAccounts(gauge);
}

function registerAccounts(
  gauge: (
    name: string,
    help: string,
    labelNames: string[],
    figures: (state: EngineState) => readonly Figure[],
  ) => unknown,
): void {
  const ofAccounts = (
    name: string,
    help: string,
    figure: (account: EngineState['accounts'][number]) => number,
  ) =>
    gauge(name, help, ['account', 'provider'], (now) =>
      now.accounts.map((account) => [{ account: account.id, provider: account.provider }, figure(account)]),
    );
  ofAccounts('account_paused', '1 while nothing is sent through a carrier account', (account) =>
    account.is_paused ? 1 : 0,
  );
  ofAccounts('account_lines', 'Requests an account may have unanswered at present', ({ lines }) => lines);
  ofAccounts('account_free_lines', 'Of these, how many are free', (account) => account.free_lines);
  ofAccounts(
    'account_behind_seconds',
    'How far ahead the next place in an account’s pace lies',
    (account) => account.behind_seconds ?? 0,
  );
}
