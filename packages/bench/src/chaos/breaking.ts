import { setTimeout as pause } from 'node:timers/promises';
import { signalGroup } from '@threadline/local-stack/child';
import type { ChaosParts } from './parts.ts';
import { faultsOf, planActions, type Action, type FaultRates, type PlanInput } from './plan.ts';
import { Stillness } from './stillness.ts';

export type BreakingOptions = Omit<PlanInput, 'phases'> & {
  pauseSeconds: number;
  rates: FaultRates;
};

const faultPhases = 6;
/** When the carrier has got nothing for so long, the next thing is broken all the same. */
const restlessMs = 3_000;

/** Carries out what the seed plans. Resolves when the last thing is broken. */
export async function breakThings(parts: ChaosParts, options: BreakingOptions): Promise<void> {
  for (const action of planActions({ ...options, phases: faultPhases })) {
    await reach(parts, action.after);
    await perform(parts, options, action);
  }
}

export async function setFaults(
  { carrier, journal }: ChaosParts,
  { rates, seed }: BreakingOptions,
  phase: number,
): Promise<void> {
  const faults = faultsOf(rates, seed, phase);
  await carrier.setFaults(faults);
  journal.note(`the carrier now refuses with ${faults['error'] ?? 'nothing'}`);
}

/** Waits until the carrier has taken so many messages. */
async function reach({ carrier }: ChaosParts, count: number): Promise<void> {
  const stillness = new Stillness();
  for (;;) {
    const { lastSequence } = await carrier.status();
    if (lastSequence >= count || stillness.of(lastSequence) > restlessMs) return;
    await pause(20);
  }
}

async function perform(parts: ChaosParts, options: BreakingOptions, action: Action): Promise<void> {
  switch (action.kind) {
    case 'kill':
      return parts.workers.kill(action.worker, action.restartMs);
    case 'restart_database':
      return restartDatabase(parts, action.how);
    case 'pause':
      parts.workers.standStill(action.worker, options.pauseSeconds);
      return;
    case 'kill_part':
      return killPart(parts, action.part);
    case 'change_faults':
      return setFaults(parts, options, action.phase);
  }
}

/** SIGINT breaks every connection and shuts down; SIGQUIT leaves everything to recovery. The stack starts it again. */
async function restartDatabase({ stackParts, journal }: ChaosParts, how: 'fast' | 'crash'): Promise<void> {
  const child = stackParts.get('postgres')?.child();
  if (child === undefined) throw new Error('this stack has no database of its own');
  journal.note(how === 'crash' ? 'crashing the database' : 'restarting the database');
  process.kill(child.pid, how === 'crash' ? 'SIGQUIT' : 'SIGINT');
  await child.exited;
}

/** kill -9; the stack starts it again. */
async function killPart({ stackParts, journal }: ChaosParts, name: string): Promise<void> {
  const child = stackParts.get(name)?.child();
  if (child === undefined) throw new Error(`this stack has no part ${name}`);
  if (!child.running()) return;
  journal.note(`killing the part ${name}`);
  signalGroup(child.pid, 'SIGKILL');
  await child.exited;
}
