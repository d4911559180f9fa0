import { join, resolve } from 'node:path';
import { z } from 'zod';
import { flag, port, share, wholeNumber } from '../arguments.ts';
import { runChaos, type ChaosOptions, type ChaosOutcome } from '../chaos/chaos-run.ts';
import { keepEvidence } from '../chaos/evidence.ts';
import { describeVersions } from '../report/machine.ts';
import type { Findings, Table } from '../report/report.ts';
import { startRig } from '../rig/rig.ts';
import { defineBench } from './bench.ts';

const options = z.object({
  seed: wholeNumber(0, 1, 'the same seed breaks the same things at the same messages'),
  messages: wholeNumber(1, 10_000, 'messages, each accounted for'),
  threads: wholeNumber(1, 1_000, 'threads they are spread over'),
  workers: wholeNumber(1, 3, 'worker processes'),
  kills: wholeNumber(0, 30, 'workers killed with -9'),
  dbRestarts: wholeNumber(0, 2, 'restarts of the database, by turns orderly and as after a crash'),
  pauses: wholeNumber(0, 0, 'workers that stand still for longer than their leases and go on'),
  pauseSeconds: wholeNumber(1, 50, 'for how long; leases last 30 s, and sweeps come every 15'),
  functionKills: wholeNumber(0, 0, 'how often the function that takes webhooks is killed with -9'),
  gatewayKills: wholeNumber(0, 0, 'how often the gateway is killed with -9'),
  lostAnswers: share(0, 'share of the database’s answers to workers that are lost, with their connections'),
  skewMinutes: wholeNumber(0, 0, 'how wrong the workers’ clocks are, by turns ahead and behind'),
  producers: wholeNumber(1, 8, 'writers at once'),
  inFlight: wholeNumber(1, 50, 'carrier calls at once for each worker'),
  latencyMs: wholeNumber(0, 20, 'how long the carrier takes to answer'),
  acceptThenDrop: share(0.05, 'share of creates accepted while the connection breaks'),
  timeouts: share(0.05, 'share of creates never answered'),
  throttled: share(0.05, 'share of creates answered 429'),
  rejected: share(0.05, 'share of creates refused, by turns with 500, 400 and 503'),
  duplicated: share(0.1, 'share of callbacks posted twice'),
  reordered: share(0.1, 'share of messages whose callbacks come in the wrong order'),
  dropped: share(0, 'share of callbacks never posted'),
  callbackDelayMs: wholeNumber(0, 0, 'how much later callbacks come'),
  skipWaits: flag(false, 'let leases of dead workers and waits between look-ups run out at once'),
  patience: wholeNumber(5, 180, 'seconds without any movement after which the rest counts as stuck'),
  evidence: z.string().optional().describe('folder for the evidence; .threadline/chaos/… when left out'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;

export const chaos = defineBench({
  summary: 'breaks workers, carrier and database at random, then accounts for every message',
  options,
  async run(given, progress) {
    progress('starting a whole stack');
    const rig = await startRig({ durable: true, keep: 'all', portBase: given.portBase });
    try {
      const outcome = await runChaos(rig, chaosOptions(given), progress);
      if (outcome.account.violations.length > 0) {
        const folder =
          given.evidence ?? join(repositoryRoot, '.threadline/chaos', `seed-${given.seed}-${Date.now()}`);
        progress(`what is needed to understand it: ${await keepEvidence(rig, outcome, resolve(folder))}`);
      }
      return { versions: await describeVersions(rig.sql), ...findings(outcome, given) };
    } finally {
      await rig.stop();
    }
  },
});

const repositoryRoot = resolve(import.meta.dirname, '../../../..');

function chaosOptions(given: Options): ChaosOptions {
  return {
    ...given,
    threads: Math.min(given.threads, given.messages),
    patienceSeconds: given.patience,
    partKills: { 'function-provider-webhook': given.functionKills, gateway: given.gatewayKills },
    rates: {
      latencyMs: given.latencyMs,
      acceptThenDropRate: given.acceptThenDrop,
      timeoutRate: given.timeouts,
      rate429: given.throttled,
      rejectRate: given.rejected,
      callbackDuplicateRate: given.duplicated,
      callbackReorder: given.reordered,
      callbackDropRate: given.dropped,
      callbackDelayMs: given.callbackDelayMs,
    },
  };
}

/** In the order of the promise they belong to. */
const promises = {
  lost: 'lost',
  sent_twice: 'sent twice',
  out_of_order: 'out of order within a thread',
  stuck: 'stuck',
  unsettled: 'unknown although the carrier has it',
  contradicted: 'told otherwise than the carrier has it',
  unheard: 'callbacks acknowledged and forgotten',
  unasked: 'sent for ever, though the carrier knows the end',
} as const;

export function findings(
  { account, carrierLog, seconds, journal }: ChaosOutcome,
  given: { seed: number },
): Findings {
  const counts = Object.fromEntries(
    Object.keys(promises).map((kind) => [
      kind,
      account.violations.filter((violation) => violation.kind === kind).length,
    ]),
  );
  const passed = account.violations.length === 0;
  const verdict: Table = {
    title: `Chaos, seed ${given.seed}: ${passed ? 'every promise held' : 'BROKEN PROMISES'}`,
    columns: ['promise', 'violations', 'verdict'],
    rows: Object.entries(promises).map(([kind, meaning]) => [
      `0 ${meaning}`,
      counts[kind] ?? 0,
      counts[kind] === 0 ? 'held' : 'BROKEN',
    ]),
  };
  const ends: Table = {
    title: 'What became of the messages',
    columns: ['end', 'messages'],
    rows: Object.entries(account.ends).map(([end, count]) => [end.replace('_', ', '), count]),
  };
  return {
    results: {
      violations: account.violations.slice(0, 100),
      counts,
      ends: account.ends,
      takenByCarrier: carrierLog.length,
      seconds,
      journal: journal.entries,
    },
    ratios: {},
    tables: [ends, verdict],
    passed,
  };
}
