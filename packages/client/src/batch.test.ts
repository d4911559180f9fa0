import { describe, expect, it } from 'vitest';
import { BatchInterruptedError } from './batch.ts';
import type { BatchProgress } from './batch.ts';
import type { Job } from './jobs.ts';
import { fakeServer, keepEverything } from './testing/fake-server.ts';
import type { RecordedCall } from './testing/fake-server.ts';

const job = (n: number): Job => ({ to: '+13125550142', body: `Message ${n}`, idempotencyKey: `k-${n}` });
const jobs = (count: number): Job[] => Array.from({ length: count }, (_, n) => job(n));
const sizes = (calls: RecordedCall[]) =>
  calls.map(({ parameters }) => (parameters['p_jobs'] as unknown[]).length);
const caught = async (promise: Promise<unknown>) => promise.then(() => null).catch((e: unknown) => e);

describe('a batch', () => {
  it('goes out in chunks and comes back in order', async () => {
    const { client, calls } = fakeServer(keepEverything());
    const summary = await client.enqueueBatch(jobs(2500));
    expect(sizes(calls)).toEqual([1000, 1000, 500]);
    expect(summary).toMatchObject({ total: 2500, accepted: 2500, duplicates: 0, refused: 0 });
    expect(summary.results.map(({ index }) => index)).toEqual(Array.from({ length: 2500 }, (_, n) => n));
  });

  it('tells of its progress, with the total where it can be known', async () => {
    const { client } = fakeServer(keepEverything());
    const seen: BatchProgress[] = [];
    const note = (progress: BatchProgress) => seen.push(progress);
    await client.enqueueBatch(jobs(3), { chunkSize: 2, onProgress: note });
    expect(seen).toEqual([
      { done: 2, total: 3, accepted: 2, duplicates: 0, refused: 0 },
      { done: 3, total: 3, accepted: 3, duplicates: 0, refused: 0 },
    ]);
    seen.length = 0;
    async function* one() {
      yield job(9);
    }
    await client.enqueueBatch(one(), { onProgress: note });
    expect(seen).toEqual([{ done: 1, total: null, accepted: 1, duplicates: 0, refused: 0 }]);
  });

  it('takes what comes bit by bit without reading ahead', async () => {
    const { client } = fakeServer(keepEverything());
    let made = 0;
    let most = 0;
    async function* endless() {
      for (; made < 100; made += 1) yield job(made);
    }
    const summary = await client.enqueueBatch(endless(), {
      chunkSize: 10,
      keepResults: false,
      onResults: (results) => (most = Math.max(most, made - (results.at(-1)?.index ?? 0))),
    });
    expect(summary).toMatchObject({ total: 100, accepted: 100, results: [] });
    expect(most).toBeLessThanOrEqual(10);
  });

  it('refuses single jobs and sends the others', async () => {
    const { client, calls } = fakeServer(({ parameters }) =>
      (parameters['p_jobs'] as { body: string }[]).map(({ body }, index) =>
        body === 'stop'
          ? { index, outcome: 'refused', code: 'TL103', message: 'Opted out' }
          : { index, outcome: 'accepted', job_id: `j${index}`, status: 'queued' },
      ),
    );
    const [a, wrong, stopped, b] = [job(1), { to: 'x', body: 'Hi' }, { ...job(2), body: 'stop' }, job(3)];
    const summary = await client.enqueueBatch([a, wrong, stopped, b] as Job[]);
    expect(sizes(calls)).toEqual([3]);
    expect(summary).toMatchObject({ accepted: 2, refused: 2 });
    expect(summary.results).toMatchObject([
      { index: 0, outcome: 'accepted', jobId: 'j0' },
      { index: 1, outcome: 'refused', code: 'invalid_input', message: expect.stringMatching(/^to must be/) },
      { index: 2, outcome: 'refused', code: 'TL103', message: 'Opted out' },
      { index: 3, outcome: 'accepted', jobId: 'j2' },
    ]);
  });

  it('without any job that can be right makes no call', async () => {
    const { client, calls } = fakeServer(keepEverything());
    expect(await client.enqueueBatch([{}] as Job[])).toMatchObject({ total: 1, refused: 1 });
    expect(await client.enqueueBatch([])).toMatchObject({ total: 0 });
    expect(calls).toEqual([]);
  });

  it('keeps its keys when the answer of a chunk is lost, so that nothing is there twice', async () => {
    const keep = keepEverything();
    const { client, calls } = fakeServer((call, n) => {
      const answer = keep(call);
      return n === 2 ? new TypeError('socket hang up') : answer;
    });
    const summary = await client.enqueueBatch(
      jobs(4).map(({ idempotencyKey: _, ...rest }) => rest),
      { chunkSize: 2 },
    );
    expect(calls).toHaveLength(3);
    expect(calls[1]?.parameters).toEqual(calls[2]?.parameters);
    expect(summary).toMatchObject({ accepted: 4, duplicates: 0 });
    expect(new Set(summary.results.map((result) => 'jobId' in result && result.jobId)).size).toBe(4);
  });

  it('says how far it came when it has to give up, and can be run again as a whole', async () => {
    const keep = keepEverything();
    let broken = true;
    const { client } = fakeServer((call, n) => (broken && n > 1 ? new TypeError('lost') : keep(call)), {
      retries: 1,
    });
    const error = await caught(client.enqueueBatch(jobs(4), { chunkSize: 2 }));
    expect(error).toBeInstanceOf(BatchInterruptedError);
    expect(error).toMatchObject({ progress: { done: 2, accepted: 2 }, cause: { name: 'NetworkError' } });
    expect((error as BatchInterruptedError).results).toHaveLength(2);
    broken = false;
    expect(await client.enqueueBatch(jobs(4), { chunkSize: 2 })).toMatchObject({
      accepted: 2,
      duplicates: 2,
    });
  });

  it('stops at the signal', async () => {
    const { client, calls } = fakeServer(keepEverything());
    const stop = new AbortController();
    const running = client.enqueueBatch(jobs(4), {
      chunkSize: 2,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    expect(await caught(running)).toMatchObject({ progress: { done: 2 }, cause: { message: 'enough' } });
    expect(calls).toHaveLength(1);
  });

  it('does not take an answer for another number of jobs', async () => {
    const { client } = fakeServer(() => []);
    expect(await caught(client.enqueueBatch(jobs(1)))).toMatchObject({ cause: { name: 'ServerError' } });
  });
});
