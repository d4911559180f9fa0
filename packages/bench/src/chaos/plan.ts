import { createRandom } from '../random.ts';

/** Something that is broken on purpose, once the carrier has taken `after` messages. */
export type Action = { after: number } & (
  | { kind: 'kill'; worker: number; restartMs: number }
  | { kind: 'restart_database'; how: 'fast' | 'crash' }
  | { kind: 'pause'; worker: number }
  | { kind: 'kill_part'; part: string }
  | { kind: 'change_faults'; phase: number }
);

export type PlanInput = {
  seed: number;
  messages: number;
  workers: number;
  kills: number;
  dbRestarts: number;
  phases: number;
  /** Workers that stand still for longer than their leases. */
  pauses: number;
  /** Parts of the stack beside the database, and how often each is killed. */
  partKills: Readonly<Record<string, number>>;
};

/** How much of the load is under way when the last thing is broken: the rest shows whether all recovers. */
const lastShare = 0.7;

/**
 * What is broken, and when, by a seed. Moments are counted in messages, not in seconds, so that a slow machine meets
 * the same trouble in the same places as a fast one.
 */
export function planActions(input: PlanInput): Action[] {
  const { seed, messages, workers, kills, dbRestarts, phases } = input;
  const random = createRandom(seed);
  const moment = (index: number, count: number): number =>
    Math.floor(((index + random.next()) / count) * messages * lastShare);
  const actions: Action[] = [
    ...Array.from({ length: kills }, (_, index): Action => ({
      kind: 'kill',
      after: moment(index, kills),
      worker: random.below(workers),
      restartMs: random.below(600),
    })),
    ...Array.from({ length: dbRestarts }, (_, index): Action => ({
      kind: 'restart_database',
      after: moment(index, dbRestarts),
      // Both are tried as soon as there are two.
      how: index % 2 === seed % 2 ? 'fast' : 'crash',
    })),
    ...Array.from({ length: phases - 1 }, (_, index): Action => ({
      kind: 'change_faults',
      after: Math.floor(((index + 1) / phases) * messages * lastShare),
      phase: index + 1,
    })),
    // Last, so that what a seed breaks does not depend on whether these are asked for.
    ...Array.from({ length: input.pauses }, (_, index): Action => ({
      kind: 'pause',
      after: moment(index, input.pauses),
      worker: random.below(workers),
    })),
    ...Object.entries(input.partKills).flatMap(([part, count]) =>
      Array.from({ length: count }, (_, index): Action => ({
        kind: 'kill_part',
        after: moment(index, count),
        part,
      })),
    ),
  ];
  return actions.sort((a, b) => a.after - b.after);
}

export type FaultRates = {
  latencyMs: number;
  acceptThenDropRate: number;
  timeoutRate: number;
  rate429: number;
  rejectRate: number;
  callbackDuplicateRate: number;
  callbackReorder: number;
  callbackDropRate: number;
  callbackDelayMs: number;
};

/** What the carrier refuses with, by turns: two failures of its own, of unknown end, and a plain no. */
const refusals = [20500, 21612, 20503];

/** The simulator's faults in one phase. A new phase draws anew. */
export function faultsOf(rates: FaultRates, seed: number, phase: number): Readonly<Record<string, number>> {
  return { ...rates, error: refusals[phase % refusals.length] ?? 20500, seed: (seed + phase * 7919) >>> 0 };
}
