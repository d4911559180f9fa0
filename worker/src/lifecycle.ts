import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** How long what is in flight may take to finish once we were asked to stop. With the rest it stays below 20 s. */
const DRAIN_MS = 15_000;
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
  readonly log: Logger;
}

/**
 * Stops in phases: claim nothing more; let what is in flight finish, for a while; turn back what no carrier has seen
 * and call the rest unknown; write all that is known; close. Less than 20 seconds, unless the database hangs.
 */
export async function stopInPhases(parts: StoppableParts): Promise<void> {
  const { consumer, log } = parts;
  parts.readiness.stopping();
  log.info('stopping: no more claims');
  const background = Promise.all(parts.background.map((part) => part.stop()));
  // Not awaited yet: a claim that hangs on a dead database must not keep the drain from beginning.
  const claimsEnded = consumer.stopClaiming();
  const isDrained = await consumer.drain(DRAIN_MS);
  if (!isDrained) log.warn('drain took too long: breaking off what is left');
  await consumer.abort();
  await within(FINISH_MS, claimsEnded);
  await consumer.finish(FINISH_MS);
  await within(FINISH_MS, background);
  await within(FINISH_MS, parts.close());
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
