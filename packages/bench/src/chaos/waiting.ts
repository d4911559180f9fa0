import { setTimeout as pause } from 'node:timers/promises';
import { isFinal } from './accounting.ts';
import { readCarrierLog, type ChaosParts } from './parts.ts';
import { Stillness } from './stillness.ts';
import { askForReports, readProgress, readStored, skipWaiting, type Progressing } from './storage.ts';

export type WaitingOptions = {
  /** Lets leases of dead workers and waits between look-ups run out at once. */
  skipWaits: boolean;
  /** Give up when nothing has moved for so long. */
  patienceSeconds: number;
};

type State = Progressing & { backlog: number; unsettled: number };

/** After so long without any movement, what waits for time alone is hurried. */
const restlessMs = 3_000;

/** Waits until every message is at an end and every callback is posted, or nothing moves any more. */
export async function settle(parts: ChaosParts, options: WaitingOptions): Promise<void> {
  const stillness = new Stillness();
  let forgivenMs = 0;
  for (;;) {
    const state = await look(parts);
    if (state !== null && isSettled(state)) return;
    const now = JSON.stringify(state);
    const stillMs = stillness.of(now);
    if (stillMs === 0) forgivenMs = 0;
    if (options.skipWaits && (await hurry(parts, stillMs - forgivenMs))) forgivenMs = stillMs + restlessMs;
    if (stillMs > options.patienceSeconds * 1000) {
      parts.journal.note(`nothing has moved for ${options.patienceSeconds} s: ${now}`);
      return;
    }
    await pause(500);
  }
}

/** Callbacks that nobody took are made up for by asking. Gives up when nothing moves any more. */
export async function makeUpForReports(parts: ChaosParts, options: WaitingOptions): Promise<void> {
  const { sql, label, journal } = parts;
  const stillness = new Stillness();
  for (let isAsked = false; ; isAsked = true) {
    const log = new Map((await readCarrierLog(parts)).map((taken) => [taken.body, taken]));
    const stored = await readStored(sql, label);
    const open = stored.filter(({ jobStatus, body }) => jobStatus === 'sent' && isFinal(log.get(body)));
    if (open.length === 0) return;
    if (!isAsked) {
      journal.note(`asking the carrier about ${open.length} messages without a report`);
      await askForReports(sql, label);
    }
    if (stillness.of(open.length) > options.patienceSeconds * 1000) return;
    await pause(500);
  }
}

function isSettled({ open, backlog, unsettled }: State): boolean {
  return open === 0 && backlog === 0 && unsettled === 0;
}

/** Calls that the carrier never answers end with their worker; what waits for time alone need not. */
async function hurry({ sql, workers }: ChaosParts, stillForMs: number): Promise<boolean> {
  await skipWaiting(sql, workers.killed).catch(() => {});
  if (stillForMs < restlessMs) return false;
  await workers.killAll();
  await workers.startAll();
  return true;
}

/** @returns null while the database is away */
async function look(parts: ChaosParts): Promise<State | null> {
  const { sql, label, carrier } = parts;
  const progress = await readProgress(sql, label).catch(() => null);
  if (progress === null) return null;
  const { callbackBacklog } = await carrier.status();
  if (progress.open > 0 || progress.unknown === 0)
    return { ...progress, backlog: callbackBacklog, unsettled: 0 };
  const taken = new Set((await readCarrierLog(parts)).map(({ body }) => body));
  const stored = await readStored(sql, label);
  const unsettled = stored.filter(({ jobStatus, body }) => jobStatus === 'unknown' && taken.has(body)).length;
  return { ...progress, backlog: callbackBacklog, unsettled };
}
