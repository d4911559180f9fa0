import { setTimeout as pause } from 'node:timers/promises';
import { signalGroup } from '@threadline/local-stack/child';
import { CarrierControl, type CarrierMessage } from '../rig/carrier.ts';
import type { Rig } from '../rig/rig.ts';
import { accountFor, isFinal, type Account, type Stored } from './accounting.ts';
import { adoptDemoTenant, demoCredentials } from './demo-tenant.ts';
import { Journal } from './journal.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { createRandom } from '../random.ts';
import { faultsOf, planActions, type Action, type FaultRates } from './plan.ts';
import { Producers } from './producers.ts';
import { askForReports, readProgress, readStored, skipWaiting, type Progressing } from './storage.ts';
import { Workers } from './workers.ts';

export type ChaosOptions = {
  seed: number;
  messages: number;
  threads: number;
  workers: number;
  kills: number;
  dbRestarts: number;
  /** Workers that stand still for `pauseSeconds` and go on. */
  pauses: number;
  pauseSeconds: number;
  /** How often each of these parts of the stack is killed. */
  partKills: Readonly<Record<string, number>>;
  /** Share of the database's answers to workers that are lost, with their connections. */
  lostAnswers: number;
  /** How wrong the workers' clocks are, by turns ahead and behind. */
  skewMinutes: number;
  producers: number;
  inFlight: number;
  rates: FaultRates;
  /** Lets leases of dead workers and waits between look-ups run out at once. */
  skipWaits: boolean;
  /** Give up when nothing has moved for so long. */
  patienceSeconds: number;
};

export type ChaosOutcome = {
  account: Account;
  stored: readonly Stored[];
  carrierLog: readonly CarrierMessage[];
  journal: Journal;
  label: string;
  seconds: number;
};

const faultPhases = 6;
/** When the carrier has got nothing for so long, the next thing is broken all the same. */
const restlessMs = 3_000;

/** Loads, breaks, waits until nothing moves any more, and accounts for every message. */
export async function runChaos(
  rig: Rig,
  options: ChaosOptions,
  tell: (line: string) => void,
): Promise<ChaosOutcome> {
  const run = await ChaosRun.prepare(rig, options, tell);
  return run.perform();
}

class ChaosRun {
  readonly #rig: Rig;
  readonly #options: ChaosOptions;
  readonly #carrier: CarrierControl;
  readonly #journal: Journal;
  readonly #workers: Workers;
  readonly #producers: Producers;
  readonly #label: string;
  readonly #proxy: LossyProxy;
  #isLoaded = false;

  private constructor(
    rig: Rig,
    options: ChaosOptions,
    parts: {
      carrier: CarrierControl;
      journal: Journal;
      workers: Workers;
      producers: Producers;
      label: string;
      proxy: LossyProxy;
    },
  ) {
    this.#rig = rig;
    this.#options = options;
    this.#carrier = parts.carrier;
    this.#journal = parts.journal;
    this.#workers = parts.workers;
    this.#producers = parts.producers;
    this.#label = parts.label;
    this.#proxy = parts.proxy;
  }

  static async prepare(rig: Rig, options: ChaosOptions, tell: (line: string) => void): Promise<ChaosRun> {
    const { sql, stack, host } = rig;
    const journal = new Journal(tell);
    const tenant = await adoptDemoTenant(sql, stack, options.threads);
    const label = `chaos ${options.seed}`;
    const { messages, producers, inFlight } = options;
    const proxy = lossyWay(stack.workerDatabaseUrl, options);
    const environment = {
      WORKER_DATABASE_URL: await urlThrough(proxy, stack.workerDatabaseUrl),
      SUPABASE_URL: stack.apiUrl,
      SUPABASE_SECRET_KEY: stack.secretKey,
      PUBLIC_WEBHOOK_BASE: stack.functionsUrl,
      PROVIDER_CREDENTIALS: await demoCredentials(stack),
      WORKER_CONCURRENCY: String(inFlight),
    };
    return new ChaosRun(rig, options, {
      carrier: new CarrierControl(stack.carrierUrl),
      journal,
      workers: new Workers(host, options, environment, journal),
      producers: new Producers(sql, { tenant, messages, producers, label }, journal),
      label,
      proxy,
    });
  }

  async perform(): Promise<ChaosOutcome> {
    const begin = performance.now();
    await this.#carrier.reset();
    await this.#setFaults(0);
    await this.#workers.startAll();
    const loading = this.#producers.run().then(() => void (this.#isLoaded = true));
    // A refusal ends the run below; until then it must not count as unhandled.
    loading.catch(() => {});
    try {
      await this.#breakThings();
      await loading;
      await this.#settle();
      await this.#askForReports();
    } finally {
      await this.#workers.killAll();
      await this.#proxy.close();
    }
    if (this.#proxy.lost > 0) this.#journal.note(`${this.#proxy.lost} answers of the database were lost`);
    const [stored, carrierLog] = await Promise.all([readStored(this.#rig.sql, this.#label), this.#log()]);
    return {
      account: accountFor(this.#producers.intended, stored, carrierLog, { isAsked: true }),
      stored,
      carrierLog,
      journal: this.#journal,
      label: this.#label,
      seconds: Math.round(performance.now() - begin) / 1000,
    };
  }

  async #log(): Promise<CarrierMessage[]> {
    return (await this.#carrier.messages()).filter(({ body }) => body.startsWith(`${this.#label} `));
  }

  async #breakThings(): Promise<void> {
    const actions = planActions({ ...this.#options, phases: faultPhases });
    for (const action of actions) {
      await this.#reach(action.after);
      await this.#perform(action);
    }
  }

  async #reach(count: number): Promise<void> {
    let movedAt = Date.now();
    let last = -1;
    for (;;) {
      const { lastSequence } = await this.#carrier.status();
      if (lastSequence >= count) return;
      if (lastSequence > last) movedAt = Date.now();
      last = Math.max(last, lastSequence);
      if (Date.now() - movedAt > restlessMs) return;
      await pause(20);
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case 'kill':
        return this.#workers.kill(action.worker, action.restartMs);
      case 'restart_database':
        return this.#restartDatabase(action.how);
      case 'pause':
        this.#workers.standStill(action.worker, this.#options.pauseSeconds);
        return;
      case 'kill_part':
        return this.#killPart(action.part);
      case 'change_faults':
        return this.#setFaults(action.phase);
    }
  }

  async #setFaults(phase: number): Promise<void> {
    const faults = faultsOf(this.#options.rates, this.#options.seed, phase);
    await this.#carrier.setFaults(faults);
    this.#journal.note(`the carrier now refuses with ${faults['error'] ?? 'nothing'}`);
  }

  /** SIGINT breaks every connection and shuts down; SIGQUIT leaves everything to recovery. The stack starts it again. */
  async #restartDatabase(how: 'fast' | 'crash'): Promise<void> {
    const child = this.#rig.parts.get('postgres')?.child();
    if (child === undefined) throw new Error('this stack has no database of its own');
    this.#journal.note(how === 'crash' ? 'crashing the database' : 'restarting the database');
    process.kill(child.pid, how === 'crash' ? 'SIGQUIT' : 'SIGINT');
    await child.exited;
  }

  /** kill -9; the stack starts it again. */
  async #killPart(name: string): Promise<void> {
    const child = this.#rig.parts.get(name)?.child();
    if (child === undefined) throw new Error(`this stack has no part ${name}`);
    if (!child.running()) return;
    this.#journal.note(`killing the part ${name}`);
    signalGroup(child.pid, 'SIGKILL');
    await child.exited;
  }

  /** Waits until every message is at an end and every callback is posted, or nothing moves any more. */
  async #settle(): Promise<void> {
    let movedAt = Date.now();
    let forgivenMs = 0;
    let last = '';
    for (;;) {
      const state = await this.#look();
      if (
        state !== null &&
        this.#isLoaded &&
        state.open === 0 &&
        state.backlog === 0 &&
        state.unsettled === 0
      )
        return;
      const now = JSON.stringify(state);
      if (now !== last) {
        movedAt = Date.now();
        forgivenMs = 0;
      }
      last = now;
      const stillFor = Date.now() - movedAt;
      if (this.#options.skipWaits && (await this.#hurry(stillFor - forgivenMs)))
        forgivenMs = stillFor + restlessMs;
      if (stillFor > this.#options.patienceSeconds * 1000) {
        this.#journal.note(`nothing has moved for ${this.#options.patienceSeconds} s: ${now}`);
        return;
      }
      await pause(500);
    }
  }

  /** Callbacks that nobody took are made up for by asking. Gives up when nothing moves any more. */
  async #askForReports(): Promise<void> {
    let movedAt = Date.now();
    let last = -1;
    for (;;) {
      const log = new Map((await this.#log()).map((taken) => [taken.body, taken]));
      const stored = await readStored(this.#rig.sql, this.#label);
      const open = stored.filter(({ jobStatus, body }) => jobStatus === 'sent' && isFinal(log.get(body)));
      if (open.length === 0) return;
      if (last === -1) {
        this.#journal.note(`asking the carrier about ${open.length} messages without a report`);
        await askForReports(this.#rig.sql, this.#label);
      }
      if (open.length !== last) movedAt = Date.now();
      last = open.length;
      if (Date.now() - movedAt > this.#options.patienceSeconds * 1000) return;
      await pause(500);
    }
  }

  /** Calls that the carrier never answers end with their worker; what waits for time alone need not. */
  async #hurry(stillForMs: number): Promise<boolean> {
    await skipWaiting(this.#rig.sql, this.#workers.killed).catch(() => {});
    if (stillForMs < restlessMs) return false;
    await this.#workers.killAll();
    await this.#workers.startAll();
    return true;
  }

  /** @returns null while the database is away */
  async #look(): Promise<(Progressing & { backlog: number; unsettled: number }) | null> {
    const progress = await readProgress(this.#rig.sql, this.#label).catch(() => null);
    if (progress === null) return null;
    const { callbackBacklog } = await this.#carrier.status();
    if (progress.open > 0 || progress.unknown === 0)
      return { ...progress, backlog: callbackBacklog, unsettled: 0 };
    const taken = new Set((await this.#log()).map(({ body }) => body));
    const stored = await readStored(this.#rig.sql, this.#label);
    const unsettled = stored.filter(
      ({ jobStatus, body }) => jobStatus === 'unknown' && taken.has(body),
    ).length;
    return { ...progress, backlog: callbackBacklog, unsettled };
  }
}

function lossyWay(databaseUrl: string, { lostAnswers, seed }: ChaosOptions): LossyProxy {
  const { hostname, port } = new URL(databaseUrl);
  const random = createRandom(seed + 1);
  return new LossyProxy({
    target: { host: hostname, port: Number(port) },
    rate: lostAnswers,
    random: () => random.next(),
  });
}

async function urlThrough(proxy: LossyProxy, databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(await proxy.start());
  return url.href;
}
