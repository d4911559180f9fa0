import { PgBoss } from 'pg-boss';
import postgres from 'postgres';
import { z } from 'zod';
import { attempt, createCarrierCall } from './carrier-call.ts';
import { pgBossQueue, readPeerSettings } from './peer-settings.ts';

/**
 * pg-boss as its manual would have it for many small jobs: batches, several workers in one process, fetching on without
 * a pause while batches come back full. The handler gets a batch; the application writes it in one statement, or each job
 * for itself, as a handler that is written for a job does.
 */
const workers = 4;
const pool = { batch: workers * 2, job: 24 };

const settings = readPeerSettings();
const call = createCarrierCall(settings.providerCredentials, settings.inFlight);
const sql = postgres(settings.databaseUrl, { max: pool[settings.writes], onnotice: () => {} });
const boss = new PgBoss({ connectionString: settings.databaseUrl, max: workers * 2 });
boss.on('error', (error) => process.stderr.write(`${String(error)}\n`));
await boss.start();

const jobData = z.object({ jobId: z.string() });
const batchSize = Math.max(1, Math.floor(settings.inFlight / workers));

await boss.work(
  pgBossQueue,
  { batchSize, localConcurrency: workers, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
  async (jobs) => {
    const ids = jobs.map((job) => jobData.parse(job.data).jobId);
    await (settings.writes === 'batch' ? send(ids) : Promise.all(ids.map((id) => send([id]))));
  },
);

async function send(ids: readonly string[]): Promise<void> {
  const rows = await sql`select * from bench.begin_attempts('pg-boss', ${ids}::uuid[])`;
  const outcomes = await Promise.all(rows.map((row) => call(attempt.parse(row))));
  await sql`select bench.finish_attempts(${JSON.stringify(outcomes)}::text::jsonb)`;
}

process.once('SIGTERM', () => {
  void boss.stop({ graceful: false }).then(async () => {
    await sql.end({ timeout: 1 });
    process.exit(0);
  });
});
