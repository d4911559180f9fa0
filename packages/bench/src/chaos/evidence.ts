import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rig } from '../rig/rig.ts';
import type { ChaosOutcome } from './chaos-run.ts';
import { readTimeline } from './storage.ts';

const mostTimelines = 50;

/**
 * Writes what is needed to understand violations: what the harness did, and for each message concerned its rows in the
 * database beside the carrier's record of it; and the logs of every part.
 * @returns the folder
 */
export async function keepEvidence(rig: Rig, outcome: ChaosOutcome, folder: string): Promise<string> {
  await mkdir(join(folder, 'messages'), { recursive: true });
  await writeJson(join(folder, 'journal.json'), outcome.journal.entries);
  await writeJson(join(folder, 'violations.json'), outcome.account.violations);
  const bodies = [...new Set(outcome.account.violations.map(({ body }) => body))].slice(0, mostTimelines);
  for (const body of bodies) {
    await writeJson(join(folder, 'messages', `${body.replace(/\W+/g, '-')}.json`), {
      violations: outcome.account.violations.filter((violation) => violation.body === body),
      database: await readTimeline(rig.sql, body),
      carrier: outcome.carrierLog.filter((message) => message.body === body),
    });
  }
  await cp(`${rig.stack.home}/logs`, join(folder, 'logs'), { recursive: true });
  return folder;
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
