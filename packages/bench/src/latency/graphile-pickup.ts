import { Logger, run } from 'graphile-worker';
import { z } from 'zod';

export type BarePickup = {
  task: string;
  /** When the task with this id began, by performance.now(). Ask before adding the job. */
  arrival(id: string): Promise<number>;
  stop(): Promise<void>;
};

const payload = z.object({ id: z.string() });

/** graphile-worker doing nothing but to begin: in our own process, on a warm pool, listening. */
export async function startBarePickup(databaseUrl: string): Promise<BarePickup> {
  const waiting = new Map<string, (at: number) => void>();
  const task = 'bench_pickup';
  const runner = await run({
    preset: {
      worker: { connectionString: databaseUrl, concurrentJobs: 4, logger: new Logger(() => () => {}) },
    },
    noHandleSignals: true,
    taskList: {
      [task]: (job) => {
        waiting.get(payload.parse(job).id)?.(performance.now());
      },
    },
  });
  return {
    task,
    arrival: (id) => new Promise((resolve) => waiting.set(id, resolve)),
    stop: () => runner.stop(),
  };
}
