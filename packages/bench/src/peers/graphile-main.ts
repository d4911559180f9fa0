import { Logger, run } from 'graphile-worker';
import { z } from 'zod';
import { attempt, createCarrierCall } from './carrier-call.ts';
import { graphileTask, readPeerSettings } from './peer-settings.ts';

/**
 * graphile-worker with the settings of its own page on performance: local queue and batched completion. Its tasks are
 * single jobs, so the application writes job by job, through the worker's own pool.
 */
const settings = readPeerSettings();
const call = createCarrierCall(settings.providerCredentials, settings.inFlight);
const payload = z.object({ jobId: z.string() });

await run({
  preset: {
    worker: {
      connectionString: settings.databaseUrl,
      concurrentJobs: settings.inFlight,
      maxPoolSize: 24,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: new Logger(() => () => {}),
    },
  },
  taskList: {
    [graphileTask]: async (job, helpers) => {
      const { jobId } = payload.parse(job);
      const begun = await helpers.query(
        "select * from bench.begin_attempts('graphile-worker', array[$1::uuid])",
        [jobId],
      );
      const outcomes = await Promise.all(begun.rows.map((row) => call(attempt.parse(row))));
      await helpers.query('select bench.finish_attempts($1::text::jsonb)', [JSON.stringify(outcomes)]);
    },
  },
});
