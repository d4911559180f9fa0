import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { flag, numberList, port, wholeNumber } from '../arguments.ts';
import { createGraphile, createPgBoss, type Peer } from '../peers/peer-engines.ts';
import { installPeerWork, takeJobsFromOurQueues, withoutOrderRule } from '../peers/peer-work.ts';
import { describeVersions } from '../report/machine.ts';
import type { Cell, Table } from '../report/report.ts';
import { median, rounded } from '../report/statistics.ts';
import { measureCommitRate, measureHttpRate } from '../rig/ceilings.ts';
import {
  profileTables,
  readProfile,
  resetProfile,
  startProfiling,
  type Profile,
} from '../rig/database-profile.ts';
import { measureDrain, type DrainResult, type Sender } from '../rig/drain.ts';
import { asSender, withEngine, type EngineRig } from '../rig/engine-rig.ts';
import { clearQueues, load, settleDatabase, type LoadOptions } from '../rig/loader.ts';
import { defineBench, type Progress } from './bench.ts';

const options = z.object({
  messages: wholeNumber(1, 20_000, 'messages each engine sends in a round'),
  threads: wholeNumber(1, 2_000, 'threads they are spread over'),
  numbers: wholeNumber(1, 40, 'our numbers the threads belong to'),
  inFlight: wholeNumber(1, 200, 'carrier calls at once, the same for every engine'),
  batchSize: wholeNumber(1, 200, 'most jobs our worker claims, and outcomes it writes, at once'),
  latencyMs: wholeNumber(0, 20, 'how long the carrier takes to answer'),
  history: wholeNumber(
    0,
    5_000,
    'messages sent before anything is measured, so that the database has a past',
  ),
  rounds: wholeNumber(1, 3, 'times each engine takes its turn'),
  workers: wholeNumber(1, 1, 'worker processes of ours'),
  load: z
    .enum(['send_message', 'enqueue_batch'])
    .default('enqueue_batch')
    .describe('who sends: agents or programs'),
  peers: flag(true, 'measure the peers too'),
  backlogs: numberList([], 'measure ours out of backlogs of these sizes as well, such as 1000,1000000'),
  tryOut: z.string().optional().describe('SQL file with a change to try: ours is measured again after it'),
  profile: flag(false, 'list where the database spends its time, in a round of its own'),
  portBase: port('first port of the throw-away stack'),
});

type Options = z.output<typeof options>;
type Round = { engine: string } & DrainResult;
type Run = { engine: EngineRig; options: Options; by: LoadOptions['by']; progress: Progress };

const ours = 'threadline';
const tried = 'threadline, changed';
const patienceMs = 600_000;

export const drain = defineBench({
  summary: 'messages a second out of a backlog: our whole engine, and its peers doing the same work',
  options,
  async run(given, progress) {
    progress('starting a database and a carrier of its own');
    const threads = Math.max(given.threads, ...given.backlogs.map((size) => Math.ceil(size / 10)));
    return withEngine(
      {
        durable: true,
        keep: 'database',
        portBase: given.portBase,
        latencyMs: given.latencyMs,
        tenants: [{ name: 'Bench drain', numbers: given.numbers, threads }],
      },
      (engine) => measure({ engine, options: given, by: given.load, progress }),
    );
  },
});

async function measure(run: Run) {
  const { engine, options: given, progress } = run;
  const { sql, stack } = engine.rig;
  progress(`measuring what the machine can do at best, and sending ${given.history} messages of history`);
  await engine.resetCarrier();
  const commitRate = await measureCommitRate(sql);
  const httpRate = await measureHttpRate(engine.tenants[0], engine.credentials, given.inFlight);
  await installPeerWork(sql);
  const peers = given.peers
    ? [createPgBoss(stack.dbUrl, 'job'), createPgBoss(stack.dbUrl, 'batch'), createGraphile(stack.dbUrl)]
    : [];
  if (given.history > 0) {
    await fill(run, 'history', given.history);
    await measureDrain(drainInput(run, given.history, () => startOurs(run)));
  }
  const rounds: Round[] = [];
  for (let round = 0; round < given.rounds; round += 1) {
    rounds.push(await drainOurs(run, `round ${round + 1}`));
    for (const peer of peers) rounds.push(await drainPeer(run, peer, `round ${round + 1}`));
  }
  if (given.tryOut !== undefined) {
    await sql.unsafe(await readFile(given.tryOut, 'utf8'));
    for (let round = 0; round < given.rounds; round += 1)
      rounds.push({ ...(await drainOurs(run, `tried ${round + 1}`)), engine: tried });
  }
  const backlogs = [];
  for (const size of given.backlogs) backlogs.push(await drainFromBacklog(run, size));
  const profile = given.profile ? await profileOurs(run) : null;
  const [growth] = backlogs.length > 1 ? [costGrowth(backlogs)] : [];
  return {
    versions: await describeVersions(sql),
    commitRate,
    httpRate,
    results: { loadedBy: run.by, rounds, backlogs, profile },
    ratios: {
      ...ratiosOf(rounds),
      ...(growth === undefined ? {} : { 'time for a message, largest / smallest backlog': growth }),
    },
    tables: [...tablesOf(rounds, backlogs), ...(profile ? profileTables(profile) : [])],
  };
}

async function drainOurs(run: Run, label: string): Promise<Round> {
  const { options: given, progress } = run;
  progress(`${label}: ${ours} (${given.messages} by ${run.by})`);
  await fill(run, label, given.messages);
  return { engine: ours, ...(await measureDrain(drainInput(run, given.messages, () => startOurs(run)))) };
}

async function startOurs({ engine, options: given }: Run): Promise<Sender> {
  const names = Array.from({ length: given.workers }, (_, index) => `bench-worker-${index + 1}`);
  return asSender(await Promise.all(names.map((name) => engine.startWorker(name, given))));
}

async function drainPeer(run: Run, peer: Peer, label: string): Promise<Round> {
  const { engine, options: given, progress } = run;
  const { sql, stack, host } = engine.rig;
  progress(`${label}: ${peer.name}`);
  await fill(run, `${label} ${peer.name}`, given.messages);
  await peer.fill(await takeJobsFromOurQueues(sql, engine.tenants[0].organizationId));
  const settings = {
    databaseUrl: stack.dbUrl,
    providerCredentials: engine.credentials,
    inFlight: given.inFlight,
  };
  const drained = await withoutOrderRule(sql, () =>
    measureDrain(drainInput(run, given.messages, () => peer.start(host, settings))),
  );
  return { engine: peer.name, ...drained };
}

/** Empty queues, then the load, then the same housekeeping before every engine. */
async function fill({ engine, by }: Run, label: string, messages: number): Promise<void> {
  const { sql } = engine.rig;
  await clearQueues(sql);
  await engine.resetCarrier();
  await load(sql, engine.tenants[0], { by, messages, label });
  await settleDatabase(sql);
}

function drainInput({ engine }: Run, messages: number, start: () => Promise<Sender>) {
  return {
    sql: engine.rig.sql,
    carrier: engine.carrier,
    postgresPid: engine.postgresPid(),
    messages,
    start,
    timeoutMs: patienceMs,
  };
}

type Backlog = { backlog: number } & DrainResult;

/** The first messages out of a backlog: what one costs when so many wait behind it. */
async function drainFromBacklog(run: Run, size: number): Promise<Backlog> {
  const messages = Math.min(size, run.options.messages);
  run.progress(`backlog of ${size}`);
  await fill(run, `backlog ${size}`, size);
  return { backlog: size, ...(await measureDrain(drainInput(run, messages, () => startOurs(run)))) };
}

function costGrowth(backlogs: readonly Backlog[]): number | undefined {
  const bySize = [...backlogs].sort((a, b) => a.backlog - b.backlog);
  const [least, most] = [bySize[0], bySize.at(-1)];
  return least && most ? rounded(least.perSecond / most.perSecond) : undefined;
}

async function profileOurs(run: Run): Promise<Profile> {
  const { rig } = run.engine;
  run.progress('a round with statement statistics');
  await startProfiling(rig);
  await fill(run, 'profile', run.options.messages);
  await resetProfile(rig);
  await measureDrain(drainInput(run, run.options.messages, () => startOurs(run)));
  return readProfile(rig);
}

/** Rates are what was promised; processor time says the same more steadily where others use the machine as well. */
function ratiosOf(rounds: readonly Round[]): Record<string, number> {
  const middle = (name: string, pick: (round: Round) => number): number =>
    median(rounds.filter(({ engine }) => engine === name).map(pick));
  const cost = ({ cpuMicros }: Round): number =>
    cpuMicros ? cpuMicros.sender + cpuMicros.postgres : Number.NaN;
  const others = [...new Set(rounds.map(({ engine }) => engine))].filter((name) => name !== ours);
  return Object.fromEntries(
    others.flatMap((name) => {
      const rate = middle(ours, ({ perSecond }) => perSecond) / middle(name, ({ perSecond }) => perSecond);
      const cheaper = middle(name, cost) / middle(ours, cost);
      return [
        [`messages a second, ${ours} / ${name}`, rounded(rate)],
        ...(Number.isNaN(cheaper)
          ? []
          : [[`processor time for a message, ${name} / ${ours}`, rounded(cheaper)] as const]),
      ];
    }),
  );
}

function tablesOf(rounds: readonly Round[], backlogs: readonly Backlog[]): Table[] {
  const columns = ['a second', 'seconds', 'sender µs', 'database µs', 'carrier µs', 'WAL bytes', 'sender MB'];
  const cells = (drained: DrainResult): Cell[] => [
    drained.perSecond,
    drained.seconds,
    drained.cpuMicros?.sender ?? '-',
    drained.cpuMicros?.postgres ?? '-',
    drained.cpuMicros?.carrier ?? '-',
    drained.walBytes,
    drained.senderMemoryMb ?? '-',
  ];
  const tables: Table[] = [
    {
      title: 'Drain (µs: processor time for each message)',
      columns: ['engine', ...columns],
      rows: rounds.map((round) => [round.engine, ...cells(round)]),
    },
  ];
  if (backlogs.length > 0)
    tables.push({
      title: 'Out of a backlog',
      columns: ['backlog', ...columns],
      rows: backlogs.map((backlog) => [backlog.backlog, ...cells(backlog)]),
    });
  return tables;
}
