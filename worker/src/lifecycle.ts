import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** For all that comes after the drain together. */
const FINISH_MS = 4_000;

export interface StoppableParts {
  readonly readiness: { stopping(): void };
  readonly consumer: {
    stopClaiming(): Promise<void>;
    drain(milliseconds: number): Promise<boolean>;
    abort(): Promise<void>;
    finish(milliseconds: number): Promise<void>;
  };
  /** Work that may be broken off at any time. */
  readonly background: readonly { stop(): Promise<void> }[];
  readonly close: () => Promise<void>;
  /** How long what is in flight may take to finish once we were asked to stop. */
  readonly drainMs: number;
  readonly log: Logger;
}

/**
 * Stops in phases: claim nothing more; let what is in flight finish, for a while; turn back what no carrier has seen
 * and call the rest unknown; write all that is known; close. Neither a carrier nor a database that hangs can hold it up
 * for longer than `drainMs` and `finishMs` together: what could not be written, leases and sweeps bring to its end.
 */
export async function stopInPhases(parts: StoppableParts, finishMs = FINISH_MS): Promise<void> {
  const { consumer, log } = parts;
  parts.readiness.stopping();
  log.info('stopping: no more claims');
  const background = Promise.all(parts.background.map((part) => part.stop()));
  // Not awaited yet: a claim that hangs on a dead database must not keep the drain from beginning.
  const claimsEnded = consumer.stopClaiming();
  const isDrained = await consumer.drain(parts.drainMs);
  if (!isDrained) log.warn('drain took too long: breaking off what is left');
  const end = performance.now() + finishMs;
  // Each leaves something for those after it.
  const most = (share: number) => Math.floor(Math.max(0, end - performance.now()) * share);
  await within(most(1 / 2), consumer.abort());
  await within(most(1 / 2), claimsEnded);
  await within(most(3 / 4), consumer.finish(most(3 / 4)));
  await within(most(1 / 2), background);
  await within(most(1), parts.close());
  log.info('stopped');
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const isOver = new AbortController();
  const limit = pause(milliseconds, undefined, { signal: isOver.signal }).catch(() => undefined);
  await Promise.race([work, limit]);
  isOver.abort();
}

/** Runs `stop` at the first SIGTERM or SIGINT, then ends the process; a second one ends it at once. */
export function stopOnSignal(stop: () => Promise<void>, log: Logger): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'asked to stop');
    if (isStopping) process.exit(1);
    isStopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
