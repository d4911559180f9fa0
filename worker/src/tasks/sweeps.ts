import type { Logger } from '../logger.ts';
import type { Queue } from '../queue/queue.ts';
import type { SweepCounts } from '../queue/shapes.ts';
import { Rounds } from './rounds.ts';

export interface SweepsOptions {
  readonly queue: Pick<Queue, 'sweep' | 'replayEvent'>;
  readonly everyMs: number;
  readonly log: Logger;
  readonly onSwept: (counts: SweepCounts) => void;
}

/** Carrier events acted on again in one round, so that a flood of them does not keep the sweep waiting. */
const mostReplays = 100;

/** Settles, now and then, what dead workers left behind and what carriers told us in a bad moment. */
export function createSweeps({ queue, everyMs, log, onSwept }: SweepsOptions): Rounds {
  const replay = async () => {
    let replayed = 0;
    while (replayed < mostReplays && (await queue.replayEvent())) replayed += 1;
    if (replayed > 0) log.info({ replayed }, 'acted again on carrier events that had failed');
  };
  const sweep = async () => {
    try {
      const counts = await queue.sweep();
      onSwept(counts);
      if (counts.attempts_lost > 0)
        log.error({ ...counts, alert: true }, 'attempts of dead workers are now unknown');
      await replay();
    } catch (error) {
      log.warn({ err: error }, 'not swept');
    }
  };
  return new Rounds({ everyMs, round: sweep });
}
