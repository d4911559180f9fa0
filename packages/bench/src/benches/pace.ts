import { z } from 'zod';
import { port, wholeNumber } from '../arguments.ts';
import { describeVersions } from '../report/machine.ts';
import { rounded } from '../report/statistics.ts';
import { withEngine, type EngineRig } from '../rig/engine-rig.ts';
import { load, settleDatabase } from '../rig/loader.ts';
import { waitUntil } from '../rig/wait-until.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  workers: wholeNumber(1, 4, 'worker processes that share the number'),
  perSecond: wholeNumber(1, 60, 'segments a second the number may send'),
  seconds: wholeNumber(12, 40, 'how long it sends'),
  threads: wholeNumber(1, 1_000, 'threads the messages are spread over'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;

const windowMs = 10_000;
/** Workers start one after the other; the pace is that of all of them from here on. */
const settlingMs = 2_000;

export const pace = defineBench({
  summary: 'how exactly several workers together keep the rate of one number',
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
          { name: 'Bench pace', numbers: 1, threads: given.threads, segmentsPerSecond: given.perSecond },
        ],
      },
      (engine) => measure(engine, given, progress),
    );
  },
});

async function measure(engine: EngineRig, given: Options, progress: Progress) {
  const { sql } = engine.rig;
  await engine.resetCarrier();
  const messages = given.perSecond * given.seconds;
  await load(sql, engine.tenants[0], { by: 'enqueue_batch', messages, label: 'pace' });
  await settleDatabase(sql);
  progress(`${given.workers} workers send ${messages} messages at ${given.perSecond} a second`);
  const names = Array.from({ length: given.workers }, (_, index) => `pace-worker-${index + 1}`);
  const workers = await Promise.all(names.map((name) => engine.startWorker(name, { inFlight: 50 })));
  const arrived = async () => {
    const log = await engine.carrier.control.messages();
    return log.length >= messages ? log : null;
  };
  const log = await waitUntil(arrived, {
    timeoutMs: 4_000 * given.seconds + 60_000,
    everyMs: 1_000,
    what: 'every message at the carrier',
  });
  await Promise.all(workers.map(({ child }) => child.stop(0)));
  const counts = countWindows(
    log.map(({ submittedAtMs }) => submittedAtMs),
    given.perSecond,
  );
  return {
    versions: await describeVersions(sql),
    results: { ...counts, workers: given.workers, perSecond: given.perSecond },
    ratios: {
      'most in ten seconds / promised': counts.most,
      'least in ten seconds / promised': counts.least,
    },
    tables: [
      {
        title: `Any ${windowMs / 1000} seconds of ${given.workers} workers at ${given.perSecond} a second, as a share of what was promised`,
        columns: ['windows', 'least', 'most'],
        rows: [[counts.windows, counts.least, counts.most]],
      },
    ],
  };
}

/**
 * Every window that begins with a message, as a share of the messages it should hold.
 * @param times milliseconds, at which the carrier got a message
 */
export function countWindows(
  times: readonly number[],
  perSecond: number,
): { windows: number; least: number; most: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const from = (sorted[0] ?? 0) + settlingMs;
  const until = (sorted.at(-1) ?? 0) - windowMs;
  const promised = (perSecond * windowMs) / 1000;
  let end = 0;
  const shares: number[] = [];
  for (const [index, start] of sorted.entries()) {
    while ((sorted[end] ?? Infinity) < start + windowMs) end += 1;
    if (start >= from && start <= until) shares.push((end - index) / promised);
  }
  return {
    windows: shares.length,
    least: rounded(Math.min(...shares), 4),
    most: rounded(Math.max(...shares), 4),
  };
}
