import { z } from 'zod';
import { flag, port, wholeNumber } from '../arguments.ts';
import { describeVersions } from '../report/machine.ts';
import { rounded, spreadOf } from '../report/statistics.ts';
import {
  profileTables,
  readProfile,
  resetProfile,
  startProfiling,
  type Profile,
} from '../rig/database-profile.ts';
import { measureDrain, type DrainResult } from '../rig/drain.ts';
import { asSender, withEngine, type EngineRig } from '../rig/engine-rig.ts';
import { clearQueues, load, settleDatabase } from '../rig/loader.ts';
import { waitUntil } from '../rig/wait-until.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  scheduled: wholeNumber(1, 1_000_000, 'jobs that wait for another day'),
  threads: wholeNumber(1, 50_000, 'threads they are spread over'),
  messages: wholeNumber(1, 5_000, 'live messages drained without and with them'),
  inFlight: wholeNumber(1, 100, 'carrier calls at once'),
  sends: wholeNumber(1, 300, 'scheduled sends whose moment is measured'),
  spreadSeconds: wholeNumber(1, 20, 'time over which those are spread'),
  rounds: wholeNumber(1, 2, 'live drains without, and with'),
  profile: flag(
    false,
    'list where the database spends its time without and beside the schedule (slows both)',
  ),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;

export const schedule = defineBench({
  summary: 'a million scheduled jobs beside the live queue, and how punctual scheduled sends are',
  options,
  async run(given, progress) {
    progress('starting a database and a carrier of its own');
    return withEngine(
      {
        durable: true,
        keep: 'database',
        portBase: given.portBase,
        latencyMs: 20,
        tenants: [
          { name: 'Bench schedule', numbers: 40, threads: Math.max(given.threads, given.messages / 10) },
        ],
      },
      (engine) => measure(engine, given, progress),
    );
  },
});

async function measure(engine: EngineRig, given: Options, progress: Progress) {
  const { sql } = engine.rig;
  const [tenant] = engine.tenants;
  const without: DrainResult[] = [];
  const beside: DrainResult[] = [];
  if (given.profile) await startProfiling(engine.rig);
  await drainLive(engine, given, 'history');
  for (let round = 0; round < given.rounds; round += 1) {
    progress(`live drain without schedule, round ${round + 1}`);
    without.push(await drainLive(engine, given, `without ${round}`));
  }
  const profiles: Profile[] = [];
  if (given.profile) profiles.push(await readProfile(engine.rig));
  progress(`scheduling ${given.scheduled} jobs`);
  await clearQueues(sql);
  const begin = performance.now();
  // A month ahead, so that none falls due while we measure.
  await load(sql, tenant, {
    by: 'enqueue_batch',
    messages: given.scheduled,
    label: 'later',
    scheduledIn: 30 * 86_400,
  });
  const loadSeconds = rounded((performance.now() - begin) / 1000);
  for (let round = 0; round < given.rounds; round += 1) {
    progress(`live drain beside the schedule, round ${round + 1}`);
    beside.push(await drainLive(engine, given, `beside ${round}`));
  }
  if (given.profile) profiles.push(await readProfile(engine.rig));
  progress(`${given.sends} scheduled sends beside the schedule`);
  const late = spreadOf(await measurePunctuality(engine, given));
  const rate = (drained: readonly DrainResult[]): number =>
    Math.max(...drained.map(({ perSecond }) => perSecond));
  return {
    versions: await describeVersions(sql),
    results: {
      without,
      beside,
      scheduledPerSecond: rounded(given.scheduled / loadSeconds, 0),
      lateMs: late,
      profiles,
    },
    ratios: { 'live drain beside the schedule / without': rounded(rate(beside) / rate(without)) },
    tables: [
      {
        title: `Live drain of ${given.messages}, best of ${given.rounds}`,
        columns: ['beside', 'a second'],
        rows: [
          ['nothing', rate(without)],
          [`${given.scheduled} scheduled jobs`, rate(beside)],
        ],
      },
      {
        title: 'How late scheduled sends reach the carrier, in milliseconds',
        columns: ['sends', 'p50', 'p95', 'p99', 'most'],
        rows: [[late.samples, late.p50, late.p95, late.p99, late.most]],
      },
      ...profiles.flatMap(profileTables),
    ],
  };
}

/** Drains live messages and leaves scheduled ones alone: only what is queued is cleared before. */
async function drainLive(engine: EngineRig, given: Options, label: string): Promise<DrainResult> {
  const { sql } = engine.rig;
  await engine.resetCarrier();
  await load(sql, engine.tenants[0], { by: 'enqueue_batch', messages: given.messages, label });
  await settleDatabase(sql);
  if (given.profile) await resetProfile(engine.rig);
  return measureDrain({
    sql,
    carrier: engine.carrier,
    postgresPid: engine.postgresPid(),
    messages: given.messages,
    start: async () => asSender([await engine.startWorker('bench-worker', given)]),
    timeoutMs: 600_000,
  });
}

/** @returns milliseconds from the moment asked for to the carrier's, for each send; never negative unless too early */
async function measurePunctuality(engine: EngineRig, given: Options): Promise<number[]> {
  const { sql } = engine.rig;
  const [tenant] = engine.tenants;
  await engine.resetCarrier();
  const worker = await engine.startWorker('bench-worker', given);
  await worker.ready();
  const start = Date.now() + 5_000;
  const due = new Map<string, number>();
  const jobs = Array.from({ length: given.sends }, (_, index) => {
    const at = start + Math.floor((index / given.sends) * given.spreadSeconds * 1000);
    const body = `punctual ${index}`;
    due.set(body, at);
    const thread = tenant.threads[index % tenant.threads.length];
    return {
      to: thread?.recipient,
      from: thread?.sender,
      body,
      scheduled_for: new Date(at).toISOString(),
      dedupe_window_seconds: 0,
    };
  });
  await sql`select public.enqueue_batch(${tenant.organizationId}, ${JSON.stringify(jobs)}::text::jsonb)`;
  const all = async () => {
    const log = await engine.carrier.control.messages();
    return log.length >= given.sends ? log : null;
  };
  const log = await waitUntil(all, {
    timeoutMs: (given.spreadSeconds + 60) * 1000,
    everyMs: 250,
    what: 'the scheduled sends',
  });
  await worker.child.stop(0);
  return log.map(({ body, submittedAtMs }) => submittedAtMs - (due.get(body) ?? submittedAtMs));
}
