import type { CarrierMessage } from '../rig/carrier.ts';
import type { Rig } from '../rig/rig.ts';
import { accountFor, type Account, type Stored } from './accounting.ts';
import { breakThings, setFaults, type BreakingOptions } from './breaking.ts';
import type { Journal } from './journal.ts';
import { prepareParts, readCarrierLog, type ChaosParts, type PartsOptions } from './parts.ts';
import { readStored } from './storage.ts';
import { makeUpForReports, settle, type WaitingOptions } from './waiting.ts';

export type ChaosOptions = PartsOptions & BreakingOptions & WaitingOptions;

export type ChaosOutcome = {
  account: Account;
  stored: readonly Stored[];
  carrierLog: readonly CarrierMessage[];
  journal: Journal;
  label: string;
  seconds: number;
};

/** Loads, breaks, waits until nothing moves any more, and accounts for every message. */
export async function runChaos(
  rig: Rig,
  options: ChaosOptions,
  tell: (line: string) => void,
): Promise<ChaosOutcome> {
  const parts = await prepareParts(rig, options, tell);
  const begin = performance.now();
  await trouble(parts, options);
  const { sql, label, journal, producers } = parts;
  const [stored, carrierLog] = await Promise.all([readStored(sql, label), readCarrierLog(parts)]);
  return {
    account: accountFor(producers.intended, stored, carrierLog, { isAsked: true }),
    stored,
    carrierLog,
    journal,
    label,
    seconds: Math.round(performance.now() - begin) / 1000,
  };
}

async function trouble(parts: ChaosParts, options: ChaosOptions): Promise<void> {
  const { carrier, workers, producers, proxy, journal } = parts;
  await carrier.reset();
  await setFaults(parts, options, 0);
  await workers.startAll();
  const loading = producers.run();
  // A refusal ends the run below; until then it must not count as unhandled.
  loading.catch(() => {});
  try {
    await breakThings(parts, options);
    await loading;
    await settle(parts, options);
    await makeUpForReports(parts, options);
  } finally {
    await workers.killAll();
    await proxy.close();
  }
  if (proxy.lost > 0) journal.note(`${proxy.lost} answers of the database were lost`);
}
