import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeQueue, gate, sampleJob, silentLog } from '../testing/fakes.ts';
import type { WordedJob } from './claimed-job.ts';
import { Departures } from './departures.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp(concurrency = 10) {
  const queue = new FakeQueue();
  const left: { job: WordedJob; at: number; end: () => void }[] = [];
  const turnedBack: string[] = [];
  let roomTold = 0;
  const departures = new Departures({
    queue,
    concurrency,
    depart: (job) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      left.push({ job, at: performance.now(), end: () => resolve(undefined) });
      return promise;
    },
    turnBack: (job) => turnedBack.push(job.attempt_id),
    onRoom: () => (roomTold += 1),
    log: silentLog,
  });
  const start = performance.now();
  const add = (...jobs: WordedJob[]) => departures.add(jobs, performance.now());
  const times = () => left.map(({ at }) => Math.round(at - start));
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
  return { queue, departures, left, turnedBack, add, times, pass, roomTold: () => roomTold };
}

const paced = (...delays: number[]) => delays.map((delay) => sampleJob({ send_after_ms: delay }));

describe('departures', () => {
  it('leave at once when nothing is to be waited for, without being asked about', async () => {
    const { add, left, queue } = setUp();
    add(...paced(0, 0));
    expect(left).toHaveLength(2);
    expect(queue.confirmed).toEqual([]);
  });

  it('leave when their time has come, never before, however late the others are', async () => {
    const { add, times, pass } = setUp();
    add(...paced(0, 100, 250, 1_000));
    await pass(2_000);
    expect(times()).toEqual([0, 100, 250, 1_000]);
  });

  it('leave in the order of their times, whichever claim brought them', async () => {
    const { add, left, pass } = setUp();
    add(...paced(500, 900));
    add(...paced(100, 700));
    await pass(1_000);
    expect(left.map(({ job }) => job.send_after_ms)).toEqual([100, 500, 700, 900]);
  });

  it('are confirmed shortly before, several in one statement, when they have waited', async () => {
    const { add, queue, pass, times } = setUp();
    const [soon, ...later] = paced(30, 400, 410, 420, 800);
    if (soon === undefined) throw new Error('unreachable');
    add(soon, ...later);
    await pass(300);
    expect(queue.confirmed).toEqual([]);
    await pass(700);
    const ids = later.map(({ attempt_id }) => attempt_id);
    expect(queue.confirmed).toEqual([ids.slice(0, 3), ids.slice(3)]);
    expect(times()).toEqual([30, 400, 410, 420, 800]);
  });

  it('do not take place once somebody said STOP while they waited', async () => {
    const { add, queue, left, turnedBack, pass } = setUp();
    const [stopped, free] = paced(300, 300);
    if (stopped === undefined || free === undefined) throw new Error('unreachable');
    add(stopped, free);
    await pass(200);
    queue.stopped.add(stopped.attempt_id);
    await pass(200);
    expect(left.map(({ job }) => job)).toEqual([free]);
    expect(turnedBack).toEqual([stopped.attempt_id]);
  });

  it('that a standstill made late get another slot, so that they do not leave all at once', async () => {
    const { add, left, turnedBack, queue, pass } = setUp();
    const answer = gate();
    queue.confirm = async (ids) => {
      await answer.opened;
      return [...ids];
    };
    add(...paced(100, 120, 590));
    await pass(600);
    answer.open();
    await pass(10);
    expect([left.length, turnedBack.length]).toEqual([1, 2]);
  });

  it('do not take place when nobody can tell whether they still may', async () => {
    const { add, queue, left, turnedBack, pass } = setUp();
    queue.failures.confirm = [new Error('gone')];
    add(...paced(300));
    await pass(400);
    expect([left.length, turnedBack.length]).toEqual([0, 1]);
  });

  it('are confirmed as well after waiting for a place', async () => {
    const { add, queue, left, pass } = setUp(1);
    add(...paced(0, 0));
    await pass(500);
    left[0]?.end();
    await pass(1);
    expect(left).toHaveLength(2);
    expect(queue.confirmed).toHaveLength(1);
  });
});

describe('places', () => {
  it('are not taken by what waits for its time', async () => {
    const { add, left, pass } = setUp(2);
    add(...paced(1_000, 1_000, 1_000, 1_000));
    add(...paced(0, 0));
    await pass(10);
    expect(left).toHaveLength(2);
  });

  it('are never more than there are', async () => {
    const { add, left, pass } = setUp(3);
    add(...paced(0, 0, 0, 0, 100, 100));
    await pass(500);
    expect(left).toHaveLength(3);
    left[0]?.end();
    await pass(1);
    expect(left).toHaveLength(4);
  });

  it('come free for others when calls last unusually long', async () => {
    const { add, left, pass } = setUp(2);
    add(...paced(0, 0, 0));
    await pass(1_500);
    expect(left).toHaveLength(2);
    await pass(1_500);
    expect(left).toHaveLength(3);
  });

  it('are asked for a little ahead, and not for what waits', () => {
    const { add, departures } = setUp(10);
    expect(departures.room).toBe(14);
    add(...paced(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(departures.room).toBe(4);
    add(...paced(0, 0, 500, 500, 500));
    expect(departures.room).toBe(2);
  });

  it('are taken by what was claimed before a standstill of the process only when it is confirmed', async () => {
    const { add, left, turnedBack, queue, pass } = setUp();
    const claimedLongAgo = { claimed_at: performance.now() - 5_001 };
    const [ours, lost] = [sampleJob(claimedLongAgo), sampleJob(claimedLongAgo)];
    queue.stopped.add(lost.attempt_id);
    add(ours, lost);
    expect(left).toEqual([]);
    await pass(1);
    expect(left.map(({ job }) => job)).toEqual([ours]);
    expect(turnedBack).toEqual([lost.attempt_id]);
  });

  it('are not taken by what was confirmed before a standstill', async () => {
    const { add, queue, left, turnedBack, pass } = setUp();
    const answer = gate();
    queue.confirm = async (ids) => {
      await answer.opened;
      return [...ids];
    };
    add(...paced(61));
    await pass(6_000);
    answer.open();
    await pass(1);
    expect([left.length, turnedBack.length]).toEqual([0, 1]);
  });

  it('are announced when they come free', async () => {
    const { add, left, pass, roomTold } = setUp(1);
    add(...paced(0));
    left[0]?.end();
    await pass(1);
    expect(roomTold()).toBe(1);
  });
});

describe('a halt', () => {
  it('turns back at once what has not left, and lets the rest end', async () => {
    const { add, departures, left, turnedBack, pass } = setUp(1);
    const [first, second, third] = paced(0, 0, 900);
    if (first === undefined || second === undefined || third === undefined) throw new Error('unreachable');
    add(first, second, third);
    departures.halt();
    expect(turnedBack).toEqual([second.attempt_id, third.attempt_id]);
    let isSettled = false;
    void departures.settled().then(() => (isSettled = true));
    await pass(1_000);
    expect({ isSettled, left: left.length }).toEqual({ isSettled: false, left: 1 });
    left[0]?.end();
    await pass(1);
    expect(isSettled).toBe(true);
  });

  it('turns back what a claim still brings', () => {
    const { add, departures, turnedBack } = setUp();
    departures.halt();
    add(...paced(0, 10));
    expect(turnedBack).toHaveLength(2);
  });

  it('turns back what was just being confirmed', async () => {
    const { add, departures, queue, left, turnedBack, pass } = setUp();
    const answer = gate();
    queue.confirm = async (ids) => {
      await answer.opened;
      return [...ids];
    };
    add(...paced(100));
    await pass(90);
    departures.halt();
    answer.open();
    await pass(1);
    await departures.settled();
    expect([left.length, turnedBack.length]).toEqual([0, 1]);
  });
});
