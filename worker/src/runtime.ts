import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Circuits } from './accounts/circuits.ts';
import { createCarrierClient } from './carrier-client.ts';
import type { CarrierClient } from './carrier-client.ts';
import type { WorkerConfig } from './config.ts';
import { Database, listen } from './database.ts';
import type { Listener } from './database.ts';
import { startHealthServer } from './http.ts';
import { stopInPhases } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { createMediaStore } from './media-store.ts';
import type { MediaStore } from './media-store.ts';
import { createMetrics, recordOutcome, recordPickup, registerWorkerFigures } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { Completions } from './queue/completions.ts';
import { Consumer } from './queue/consumer.ts';
import type { ConsumerObserver } from './queue/consumer.ts';
import { HeldAttempts } from './queue/held-attempts.ts';
import { createQueue } from './queue/queue.ts';
import type { Queue } from './queue/queue.ts';
import { Releases } from './queue/releases.ts';
import { Readiness } from './readiness.ts';
import { createCopyMedia } from './tasks/copy-media.ts';
import { MediaConsumer } from './tasks/media-consumer.ts';
import { createMissingReports } from './tasks/missing-reports.ts';
import { createMissingTexts } from './tasks/missing-texts.ts';
import { Recalls } from './tasks/recall-messages.ts';
import { createReconciliation } from './tasks/reconcile-attempts.ts';
import type { Rounds } from './tasks/rounds.ts';
import { createSendMessage } from './tasks/send-message.ts';
import { createSweeps } from './tasks/sweeps.ts';

/** Longer than a carrier call may take, so that only a dead worker's lease runs out. private.free_lines counts on it. */
const LEASE_SECONDS = 30;
const LINGER_MS = 4;
const SWEEP_EVERY_MS = 15_000;
const RECONCILE_EVERY_MS = 10_000;
const ASK_FOR_REPORTS_EVERY_MS = 10_000;
/** Five a second for each worker: little beside what is sent, and a whole outage's worth in an hour. */
const REPORT_SPACING_MS = 200;
const LOOK_FOR_TEXTS_EVERY_MS = 10_000;
/** As for reports. */
const TEXT_SPACING_MS = 200;
/** Calls that last unusually long keep their connections, but not their places (queue/departures.ts). */
const CONNECTIONS_PER_PLACE = 4;

export interface Runtime {
  readonly log: Logger;
  /** Where /healthz, /readyz and /metrics are served. */
  readonly healthPort: number;
  stop(): Promise<void>;
}

/** What the parts of one worker share. */
interface Shared {
  readonly config: WorkerConfig;
  readonly log: Logger;
  readonly queue: Queue;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly carrier: CarrierClient;
  readonly store: MediaStore;
  readonly circuits: Circuits;
}

/** Builds every part of the worker, connects them and sets them going. @throws ConfigProblem when the health port is taken */
export async function startRuntime(config: WorkerConfig): Promise<Runtime> {
  const workerId = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const log = createLogger(config.logLevel, workerId);
  // Only of a database believed to be there: while it is away, the next look is a matter of backing off.
  const onClose = () => {
    if (readiness.problem === null) consumer.look();
  };
  const database: Database = new Database({
    databaseUrl: config.databaseUrl,
    timeoutMs: config.databaseTimeoutMs,
    log,
    onClose,
    onTimeout: () => listener.renew(),
  });
  const queue = createQueue(database.statement, workerId);
  const metrics = createMetrics(queue);
  const readiness = new Readiness(config.pollIntervalMs * 3 + 5_000);
  const { registry } = metrics;
  const health = await startHealthServer({
    host: config.httpHost,
    port: config.httpPort,
    readiness,
    registry,
  });
  const carrier = createCarrierClient(config.concurrency * CONNECTIONS_PER_PLACE);
  const circuits = new Circuits({ queue, log });
  const store = createMediaStore(config);
  const shared = { config, log, queue, metrics, readiness, carrier, store, circuits };

  const media = createMedia(shared);
  const recalls = createRecalls(shared);
  const lookAside = () => [media, recalls].forEach((part) => part.look());
  const consumer: Consumer = createSending(shared, lookAside);
  const background = [media, recalls, ...createRounds(shared)];
  registerWorkerFigures(registry, {
    inFlight: () => consumer.inFlight,
    waiting: () => consumer.waiting,
    circuits: () => circuits.conditions,
  });
  const look = () => {
    consumer.look();
    lookAside();
  };
  const listener: Listener = listen(config.databaseUrl, look, log);
  for (const part of [consumer, ...background]) part.start();
  log.info(
    { concurrency: config.concurrency, accounts: config.accounts.size, port: health.port },
    'worker started',
  );

  const close = async () => {
    await Promise.all([listener.close(), carrier.close(), health.close(), database.end()]);
  };
  const { drainMs } = config;
  const stop = () => stopInPhases({ readiness, consumer, background, close, drainMs, log });
  return { log, healthPort: health.port, stop };
}

function createMedia({ config, queue, store, log, metrics }: Shared): MediaConsumer {
  return new MediaConsumer({
    queue,
    copy: createCopyMedia({ accounts: config.accounts, store, log }),
    pollIntervalMs: config.pollIntervalMs,
    log,
    onCompleted: (completed) => metrics.media.inc({ status: completed.status }),
  });
}

function createSending(shared: Shared, lookAside: () => void): Consumer {
  const { config, queue, log, metrics, carrier, store, circuits } = shared;
  const observer = observe(shared, lookAside);
  const held = new HeldAttempts();
  const completions = new Completions({
    queue,
    batchSize: config.batchSize,
    lingerMs: LINGER_MS,
    log,
    onWritten: (outcomes) => {
      for (const outcome of outcomes) held.delete(outcome.attempt_id);
      // The end of one send is what the next of its thread waits for.
      consumer.look();
    },
    onFailure: (error) => observer.lookFailed(error),
  });
  const releases = new Releases({
    queue,
    log,
    onReleased: (attemptIds) => {
      for (const attemptId of attemptIds) held.delete(attemptId);
      metrics.released.inc(attemptIds.length);
    },
  });
  const task = createSendMessage({
    ...config,
    circuits,
    http: carrier.http,
    signMediaUrls: (paths) => store.signUrls(paths),
    log,
    observer: {
      callStarted: (job) => recordPickup(metrics, job),
      callEnded: (job, seconds) => metrics.carrierCall.observe({ provider: job.provider }, seconds),
      settled: (outcome) => recordOutcome(metrics, outcome),
    },
  });
  const consumer: Consumer = new Consumer({
    ...config,
    queue,
    completions,
    releases,
    held,
    task,
    leaseSeconds: LEASE_SECONDS,
    log,
    observer,
  });
  return consumer;
}

function createRecalls({ config, queue, log, metrics, carrier, circuits }: Shared): Recalls {
  return new Recalls({
    ...config,
    queue,
    circuits,
    http: carrier.http,
    log,
    onAnswered: (result) => metrics.recalls.inc({ result }),
  });
}

/** What a worker does now and then. */
function createRounds({ config, queue, log, metrics, carrier, circuits }: Shared): readonly Rounds[] {
  const asking = { queue, accounts: config.accounts, circuits, http: carrier.http, log };
  return [
    createSweeps({
      queue,
      everyMs: SWEEP_EVERY_MS,
      log,
      onSwept: (counts) => metrics.attemptsLost.inc(counts.attempts_lost),
    }),
    createReconciliation({
      ...asking,
      everyMs: RECONCILE_EVERY_MS,
      onLookedUp: (result) => metrics.lookUps.inc({ result }),
    }),
    createMissingReports({
      ...asking,
      everyMs: ASK_FOR_REPORTS_EVERY_MS,
      spacingMs: REPORT_SPACING_MS,
      onAnswer: (result) => metrics.reportLookUps.inc({ result }),
    }),
    createMissingTexts({
      ...asking,
      everyMs: LOOK_FOR_TEXTS_EVERY_MS,
      spacingMs: TEXT_SPACING_MS,
      onLooked: (result) => metrics.inboundLooks.inc({ result }),
      onFound: (result) => metrics.textsFound.inc({ result }),
    }),
  ];
}

function observe({ metrics, readiness }: Shared, lookAside: () => void): ConsumerObserver {
  return {
    claimed: (jobs) => {
      for (const job of jobs) metrics.claimed.inc({ queue: job.queue });
    },
    looked: () => {
      metrics.lastLook.setToCurrentTime();
      readiness.databaseAnswered();
    },
    lookFailed: () => {
      metrics.databaseFailures.inc();
      readiness.databaseFailed();
    },
    asleep: (isAsleep) => metrics.asleep.set(isAsleep ? 1 : 0),
    restless: lookAside,
  };
}
