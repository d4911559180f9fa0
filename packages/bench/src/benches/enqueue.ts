import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { flag, numberList, port, wholeNumber } from '../arguments.ts';
import { describeVersions } from '../report/machine.ts';
import { rounded, spreadOf } from '../report/statistics.ts';
import { measureCommitRate } from '../rig/ceilings.ts';
import {
  profileTables,
  readProfile,
  resetProfile,
  startProfiling,
  type Profile,
} from '../rig/database-profile.ts';
import { withEngine, type EngineRig } from '../rig/engine-rig.ts';
import { claimsOf, clearQueues, enqueueBatch, settleDatabase } from '../rig/loader.ts';
import type { Tenant } from '../rig/world.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  seconds: wholeNumber(1, 4, 'how long each kind is measured'),
  producers: numberList([1, 32], 'producers at once'),
  rounds: wholeNumber(1, 3, 'times each kind takes its turn'),
  batch: wholeNumber(1, 10_000, 'jobs in one call of enqueue_batch'),
  threads: wholeNumber(1, 10_000, 'threads they are spread over'),
  profile: flag(false, 'list where the database spends its time in one batch and a hundred single calls'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;

/** Who sleeps while producers write: nobody, or a worker that every one of them must notify. */
type Waking = 'workers awake' | 'a worker asleep';
type Rate = { call: string; producers: number; waking: Waking; perSecond: number; p95Ms: number };

export const enqueue = defineBench({
  summary:
    'how fast agents and programs can write: one and many producers, waking and not, 10,000 in one call',
  options,
  async run(given, progress) {
    progress('starting a database of its own');
    return withEngine(
      {
        durable: true,
        keep: 'database',
        portBase: given.portBase,
        latencyMs: 0,
        tenants: [{ name: 'Bench enqueue', numbers: 40, threads: given.threads }],
      },
      (engine) => measure(engine, given, progress),
    );
  },
});

async function measure(engine: EngineRig, given: Options, progress: Progress) {
  const { sql } = engine.rig;
  const [tenant] = engine.tenants;
  const commitRate = await measureCommitRate(sql);
  const rates: Rate[] = [];
  for (let round = 0; round < given.rounds; round += 1) {
    progress(`round ${round + 1}`);
    for (const call of [sendMessage, enqueueMessage])
      for (const producers of given.producers)
        for (const waking of ['workers awake', 'a worker asleep'] as const)
          rates.push(
            await measureRate(sql, tenant, {
              call,
              producers,
              waking,
              milliseconds: given.seconds * 1000,
            }),
          );
  }
  const batches: number[] = [];
  for (let round = 0; round < given.rounds; round += 1)
    batches.push(await timeBatch(sql, tenant, given.batch, `batch ${round}`));
  const best = bestOf(rates);
  const profile = given.profile ? await profileCalls(engine, given.batch) : null;
  return {
    versions: await describeVersions(sql),
    commitRate,
    results: { rates, batchSeconds: batches, profile },
    ratios: wakingRatios(best),
    tables: [
      {
        title: `Enqueue (best of ${given.rounds} rounds)`,
        columns: ['call', 'producers', 'waking', 'a second', 'p95 ms'],
        rows: best.map((rate) => [rate.call, rate.producers, rate.waking, rate.perSecond, rate.p95Ms]),
      },
      {
        title: `enqueue_batch of ${given.batch} jobs`,
        columns: ['call', 'seconds'],
        rows: batches.map((seconds, index) => [`call ${index + 1}`, seconds]),
      },
      ...(profile ? profileTables(profile) : []),
    ],
  };
}

type Call = { name: string; write: (sql: Sql, tenant: Tenant, index: number) => Promise<unknown> };

const sendMessage: Call = {
  name: 'send_message',
  write: (sql, tenant, index) =>
    sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${claimsOf(tenant)}, true), set_config('role', 'authenticated', true)`;
      await tx`select public.send_message(${tenant.threads[index % tenant.threads.length]?.id ?? ''}, 'A reply', ${randomUUID()})`;
    }),
};

const enqueueMessage: Call = {
  name: 'enqueue_message',
  write: (sql, tenant, index) => {
    const thread = tenant.threads[index % tenant.threads.length];
    const job = { to: thread?.recipient, from: thread?.sender, body: 'A reminder', dedupe_window_seconds: 0 };
    return sql`select public.enqueue_message(${tenant.organizationId}, ${JSON.stringify(job)}::text::jsonb)`;
  },
};

type RateInput = { call: Call; producers: number; waking: Waking; milliseconds: number };

async function measureRate(sql: Sql, tenant: Tenant, input: RateInput): Promise<Rate> {
  const { call, producers, waking, milliseconds } = input;
  await clearQueues(sql);
  await settleDatabase(sql);
  await sql`delete from private.sleeping_workers`;
  if (waking === 'a worker asleep')
    await sql`insert into private.sleeping_workers (worker_id, expires_at) values ('bench', now() + interval '1 hour')`;
  // Somebody must listen, or notifying would be cheaper than it is.
  const listener = await sql.listen('threadline_jobs', () => {});
  const taken: number[] = [];
  const until = performance.now() + milliseconds;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: producers }, async (_, producer) => {
      for (let index = producer; performance.now() < until; index += producers) {
        const start = performance.now();
        await call.write(sql, tenant, index);
        taken.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  await listener.unlisten();
  const perSecond = rounded(taken.length / seconds, 0);
  return { call: call.name, producers, waking, perSecond, p95Ms: spreadOf(taken).p95 };
}

async function timeBatch(sql: Sql, tenant: Tenant, size: number, label: string): Promise<number> {
  await clearQueues(sql);
  await settleDatabase(sql);
  const indices = Array.from({ length: size }, (_, index) => index);
  const begin = performance.now();
  await enqueueBatch(sql, tenant, { label }, indices);
  return rounded((performance.now() - begin) / 1000, 3);
}

async function profileCalls(engine: EngineRig, size: number): Promise<Profile> {
  const { rig } = engine;
  const [tenant] = engine.tenants;
  await startProfiling(rig);
  await clearQueues(rig.sql);
  await settleDatabase(rig.sql);
  await resetProfile(rig);
  const indices = Array.from({ length: size }, (_, index) => index);
  await enqueueBatch(rig.sql, tenant, { label: 'profile' }, indices);
  for (let index = 0; index < 100; index += 1) await enqueueMessage.write(rig.sql, tenant, index);
  return readProfile(rig);
}

function bestOf(rates: readonly Rate[]): Rate[] {
  const best = new Map<string, Rate>();
  for (const rate of rates) {
    const key = `${rate.call} ${rate.producers} ${rate.waking}`;
    if ((best.get(key)?.perSecond ?? 0) < rate.perSecond) best.set(key, rate);
  }
  return [...best.values()];
}

function wakingRatios(best: readonly Rate[]): Record<string, number> {
  const asleep = best.filter(({ waking }) => waking === 'a worker asleep');
  return Object.fromEntries(
    asleep.map((rate) => {
      const awake = best.find(
        (other) =>
          other.call === rate.call && other.producers === rate.producers && other.waking === 'workers awake',
      );
      const name = `${rate.call}, ${rate.producers} producers: notifying / not`;
      return [name, rounded(rate.perSecond / (awake?.perSecond ?? Number.NaN))];
    }),
  );
}
