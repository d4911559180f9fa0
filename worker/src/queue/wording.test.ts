import { describe, expect, it } from 'vitest';
import { FakeQueue, sampleJob, silentLog } from '../testing/fakes.ts';
import type { ClaimedJob } from './claimed-job.ts';
import { wordJobs } from './wording.ts';

function templated(body: string, variables: Record<string, unknown> = {}): ClaimedJob {
  return { ...sampleJob(), body: null, message_id: null, template: { body, variables } };
}

class Refusal extends Error {
  readonly code = '22001';
}

const options = (queue: FakeQueue) => ({ queue, log: silentLog });

describe('wording claimed jobs', () => {
  it('leaves jobs with words alone', async () => {
    const queue = new FakeQueue();
    const jobs = [sampleJob(), sampleJob()];
    expect(await wordJobs(jobs, options(queue))).toEqual({ jobs, refused: [], released: [] });
    expect(queue.calls).toEqual([]);
  });

  it('freezes every filled-in template of the batch in one statement, and keeps the order', async () => {
    const queue = new FakeQueue();
    const plain = sampleJob();
    const first = templated('Hi {{ name | default: "there" }}', { name: 'Ann' });
    const second = templated('Hi {{ name | default: "there" }}');
    const worded = await wordJobs([first, plain, second], options(queue));
    expect(worded.jobs.map((job) => job.body)).toEqual(['Hi Ann', plain.body, 'Hi there']);
    expect(worded.jobs[0]?.message_id).toBe(`message of ${first.attempt_id}`);
    expect(queue.calls).toEqual(['freeze']);
    expect(queue.frozen.map(({ body }) => body)).toEqual(['Hi Ann', 'Hi there']);
  });

  it('refuses for good what cannot be filled in, and sends the others', async () => {
    const queue = new FakeQueue();
    const missing = templated('Hi {{ name }}');
    const blank = templated('{{ name | default: " " }}');
    const fine = templated('Hi');
    const worded = await wordJobs([missing, blank, fine], options(queue));
    expect(worded.jobs.map((job) => job.attempt_id)).toEqual([fine.attempt_id]);
    expect(worded.refused).toMatchObject(
      [missing, blank].map(({ attempt_id }) => ({
        attempt_id,
        outcome: 'not_sent',
        error_class: 'permanent',
        error_code: 'TL111',
      })),
    );
  });

  it('gives back what the database did not freeze, and everything when it does not answer', async () => {
    const queue = new FakeQueue();
    const [kept, lost] = [templated('one'), templated('two')];
    queue.freeze = async () => [{ attempt_id: kept.attempt_id, message_id: 'm', body: 'one' }];
    const worded = await wordJobs([kept, lost], options(queue));
    expect(worded.released).toEqual([lost.attempt_id]);
    queue.freeze = async () => {
      throw new Error('gone');
    };
    const plain = sampleJob();
    const without = await wordJobs([kept, plain, lost], options(queue));
    expect(without).toMatchObject({
      jobs: [plain],
      refused: [],
      released: [kept.attempt_id, lost.attempt_id],
    });
  });

  it('lets one text the database will not have fail alone', async () => {
    const queue = new FakeQueue();
    const [good, bad] = [templated('good'), templated('bad')];
    const freeze = queue.freeze.bind(queue);
    queue.freeze = async (texts) => {
      if (texts.some(({ body }) => body === 'bad')) throw new Refusal('no');
      return freeze(texts);
    };
    const worded = await wordJobs([good, bad], options(queue));
    expect(worded.jobs.map((job) => job.body)).toEqual(['good']);
    expect(worded.refused.map((outcome) => outcome.attempt_id)).toEqual([bad.attempt_id]);
    expect(worded.released).toEqual([]);
  });
});
