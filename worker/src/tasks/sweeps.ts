import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { SweepCounts } from '../queue/shapes.ts';
import { Rounds } from './rounds.ts';

export interface SweepsOptions {
  readonly queue: Pick<Queue, 'sweep'>;
  readonly everyMs: number;
  readonly log: Logger;
  readonly onSwept: (counts: SweepCounts) => void;
}

/** Settles, now and then, what dead workers left behind. */
export function createSweeps({ queue, everyMs, log, onSwept }: SweepsOptions): Rounds {
  const sweep = async () => {
    try {
      const counts = await queue.sweep();
      onSwept(counts);
      if (counts.attempts_lost > 0)
        log.error({ ...counts, alert: true }, 'attempts of dead workers are now unknown');
    } catch (error) {
      log.warn({ err: error }, 'not swept');
    }
  };
  return new Rounds({ everyMs, round: sweep });
}
