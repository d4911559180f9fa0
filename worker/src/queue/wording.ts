import { renderTemplate } from '@threadline/messaging/template';
import type { Logger } from '../logger.ts';
import { isWorded } from './claimed-job.ts';
import type { ClaimedJob, WordedJob } from './claimed-job.ts';
import { isRefusal } from './database-refusal.ts';
import { unrenderable } from './outcome.ts';
import type { AttemptOutcome } from './outcome.ts';
import type { Queue } from './queue.ts';
import type { FrozenText } from './shapes.ts';

export interface WordingOptions {
  readonly queue: Pick<Queue, 'freeze'>;
  readonly log: Logger;
}

/** What became of a claimed batch: jobs with their words, jobs that never get any, jobs to give back. */
export interface Worded {
  readonly jobs: readonly WordedJob[];
  readonly refused: readonly AttemptOutcome[];
  readonly released: readonly string[];
}

/**
 * Fills in the templates of a claimed batch and has the database freeze the words, all in one statement, before any of
 * them is offered to a carrier: what went out can always be shown.
 */
export async function wordJobs(claimed: readonly ClaimedJob[], options: WordingOptions): Promise<Worded> {
  const texts: FrozenText[] = [];
  const refused: AttemptOutcome[] = [];
  for (const job of claimed) {
    if (isWorded(job)) continue;
    const text = textOf(job);
    if (text === null) refused.push(unrenderable(job.attempt_id));
    else texts.push({ attempt_id: job.attempt_id, body: text });
  }
  const frozen = await freeze(texts, options, refused);
  const jobs: WordedJob[] = [];
  const released: string[] = [];
  const isRefused = new Set(refused.map((outcome) => outcome.attempt_id));
  for (const job of claimed) {
    const words = frozen.get(job.attempt_id);
    if (isWorded(job)) jobs.push(job);
    else if (words !== undefined) jobs.push({ ...job, ...words });
    else if (!isRefused.has(job.attempt_id)) released.push(job.attempt_id);
  }
  return { jobs, refused, released };
}

type Words = Pick<WordedJob, 'body' | 'message_id'>;

function textOf(job: ClaimedJob): string | null {
  // With words and without a message: the claim found its thread held. The words stay as they are.
  if (job.template === null) return job.body;
  const rendered = renderTemplate(job.template.body, job.template.variables);
  return rendered.ok && rendered.text.trim() !== '' ? rendered.text : null;
}

async function freeze(
  texts: readonly FrozenText[],
  options: WordingOptions,
  refused: AttemptOutcome[],
): Promise<ReadonlyMap<string, Words>> {
  if (texts.length === 0) return new Map();
  try {
    const frozen = await options.queue.freeze(texts);
    return new Map(frozen.map(({ attempt_id, ...words }) => [attempt_id, words]));
  } catch (error) {
    options.log.warn({ err: error, texts: texts.length }, 'texts not frozen');
    if (!isRefusal(error)) return new Map();
    // One text the database will not have must not keep the others from going.
    if (texts.length === 1) refused.push(...texts.map((text) => unrenderable(text.attempt_id)));
    if (texts.length === 1) return new Map();
    const each = [];
    for (const text of texts) each.push(await freeze([text], options, refused));
    return new Map(each.flatMap((words) => [...words]));
  }
}
