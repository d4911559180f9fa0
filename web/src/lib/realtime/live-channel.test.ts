import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel } from '@supabase/supabase-js';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { DataError } from '#lib/data/errors.ts';
import { LiveChannel, type ChannelSource, type LiveStatus } from './live-channel.ts';

const { SUBSCRIBED, CLOSED, CHANNEL_ERROR } = REALTIME_SUBSCRIBE_STATES;

/** Stands in for supabase-js: remembers what was bound and lets a test say what the server answers. */
class FakeChannel {
  state = 'closed';
  readonly #handlers = new Map<string, (message: object) => void>();
  #report: (status: REALTIME_SUBSCRIBE_STATES) => void = () => undefined;

  on(type: string, { event }: { event?: string }, handler: (message: object) => void): this {
    this.#handlers.set(event ?? type, handler);
    return this;
  }

  subscribe(report: (status: REALTIME_SUBSCRIBE_STATES) => void): this {
    this.#report = report;
    return this;
  }

  answer(status: REALTIME_SUBSCRIBE_STATES): void {
    this.state = status === SUBSCRIBED ? 'joined' : 'closed';
    this.#report(status);
  }

  broadcast(event: string, payload: unknown): void {
    this.#handlers.get(event)?.({ payload });
  }

  /** The server says that what the database tells reaches it. */
  announceFeed(): void {
    this.#handlers.get('system')?.({ extension: 'system', status: 'ok' });
  }
}

class FakeSource implements ChannelSource {
  readonly taken: FakeChannel[] = [];
  released = 0;

  take(): Promise<RealtimeChannel> {
    const channel = new FakeChannel();
    this.taken.push(channel);
    return Promise.resolve(channel as unknown as RealtimeChannel);
  }

  release(): void {
    this.released += 1;
  }

  get latest(): FakeChannel {
    const channel = this.taken.at(-1);
    if (channel === undefined) throw new Error('No channel was taken.');
    return channel;
  }
}

let source: FakeSource;
let statuses: LiveStatus[];
let received: unknown[];
let catchUps: (() => Promise<string>)[];
let caughtUp: number;

function makeLive(): LiveChannel {
  return new LiveChannel({
    slots: source,
    topic: 'org:1:inbox',
    events: { threads_changed: (payload) => received.push(payload) },
    catchUp: async () => {
      caughtUp += 1;
      return (await catchUps.shift()?.()) ?? '100:100:';
    },
    onStatus: (status) => statuses.push(status),
  });
}

async function settle(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

beforeEach(() => {
  vi.useFakeTimers();
  source = new FakeSource();
  [statuses, received, catchUps, caughtUp] = [[], [], [], 0];
});
afterEach(() => vi.useRealTimers());

test('is live only after what happened before the join was fetched', async () => {
  const live = makeLive();
  live.start();
  await settle();
  expect(statuses).toEqual(['connecting']);
  source.latest.answer(SUBSCRIBED);
  await settle();
  expect(caughtUp).toBe(1);
  expect(statuses).toEqual(['connecting', 'live']);
});

test('hands broadcasts on', async () => {
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  source.latest.broadcast('threads_changed', { resync: true });
  expect(received).toEqual([{ resync: true }]);
});

test.each([CLOSED, CHANNEL_ERROR])('makes a new channel after %s, and catches up again', async (loss) => {
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle();
  source.latest.answer(loss);
  expect(statuses.at(-1)).toBe('lost');
  await settle(1000);
  expect(source.taken).toHaveLength(2);
  source.latest.answer(SUBSCRIBED);
  await settle();
  expect(statuses.at(-1)).toBe('live');
});

test('goes on fetching while there is no Realtime', async () => {
  makeLive().start();
  await settle();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    source.latest.answer(CHANNEL_ERROR);
    await settle(15_000);
  }
  expect(source.taken).toHaveLength(5);
  expect(caughtUp).toBeGreaterThanOrEqual(4);
  expect(statuses).not.toContain('live');
});

describe('a transaction that is announced before it can be seen', () => {
  it('is looked for until it is', async () => {
    const live = makeLive();
    live.start();
    await settle();
    source.latest.answer(SUBSCRIBED);
    await settle(1000);
    caughtUp = 0;
    catchUps = [
      () => Promise.resolve('100:101:100'),
      () => Promise.resolve('100:101:100'),
      () => Promise.resolve('101:101:'),
    ];
    void live.reconcile([100n]);
    await settle(1000);
    expect(caughtUp).toBe(3);
    expect(statuses.at(-1)).toBe('live');
  });

  it('is looked for also when others were told before we joined', async () => {
    catchUps = [() => Promise.resolve('100:101:100'), () => Promise.resolve('101:102:101')];
    makeLive().start();
    await settle();
    source.latest.answer(SUBSCRIBED);
    await settle(900);
    // What began later is announced to us.
    expect(caughtUp).toBe(2);
  });

  it('is looked for a second after the join even if it was too new to be listed', async () => {
    catchUps = [() => Promise.resolve('100:100:')];
    makeLive().start();
    await settle();
    source.latest.answer(SUBSCRIBED);
    await settle(900);
    expect(caughtUp).toBe(1);
    await settle(100);
    expect(caughtUp).toBe(2);
    await settle(50_000);
    expect(caughtUp).toBe(2);
  });

  it('is not looked for any more once stopped', async () => {
    const live = makeLive();
    live.start();
    await settle();
    source.latest.answer(SUBSCRIBED);
    await settle();
    catchUps = [() => Promise.resolve('100:101:100')];
    void live.reconcile([100n]);
    await settle();
    live.stop();
    await settle(60_000);
    expect(caughtUp).toBe(2);
  });
});

test('does not call itself live when the join worked and the fetch did not', async () => {
  catchUps = [() => Promise.reject(new DataError('offline', 'No network'))];
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle();
  expect(statuses.at(-1)).toBe('lost');
  await settle(1000);
  expect(statuses.at(-1)).toBe('live');
  expect(source.taken).toHaveLength(1);
});

test('looks once a minute even when all seems well, because a broadcast can be lost', async () => {
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle(1000);
  caughtUp = 0;
  await settle(60_000);
  expect(caughtUp).toBe(1);
  expect(source.taken).toHaveLength(1);
});

test('looks again when the way from the database is there only long after the join', async () => {
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle(8000);
  caughtUp = 0;
  source.latest.announceFeed();
  await settle(1000);
  expect(caughtUp).toBe(1);
});

test('looks while a join is not answered', async () => {
  makeLive().start();
  await settle();
  source.latest.state = 'joining';
  await settle(9500);
  expect(caughtUp).toBe(3);
  expect(statuses).toEqual(['connecting']);
});

test('looks too while there is no channel to join with', async () => {
  source.take = () => new Promise(() => undefined);
  makeLive().start();
  await settle(9500);
  expect(caughtUp).toBe(3);
});

test('does not forget whoever asks in the moment a catching up ends', async () => {
  const live = makeLive();
  live.start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle(1000);
  for (let turns = 0; turns < 20; turns += 1) {
    caughtUp = 0;
    void live.reconcile();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    void live.reconcile();
    await settle();
    // A look that began before the second call does not answer it.
    expect(caughtUp, `asked ${turns} turns later`).toBe(2);
  }
});

test('stops for good when the database says this is not for us', async () => {
  catchUps = [() => Promise.reject(new DataError('refused', 'Not yours', 'not_permitted'))];
  makeLive().start();
  await settle();
  source.latest.answer(SUBSCRIBED);
  await settle(60_000);
  expect(statuses.at(-1)).toBe('ended');
  expect(source.taken).toHaveLength(1);
  expect(source.released).toBe(1);
});

test('looks again at once when the network comes back', async () => {
  const live = makeLive();
  live.start();
  await settle();
  source.latest.answer(CHANNEL_ERROR);
  live.nudge();
  await settle();
  expect(source.taken).toHaveLength(2);
});

test('after stopping, nothing an old channel says counts', async () => {
  const live = makeLive();
  live.start();
  await settle();
  const old = source.latest;
  live.stop();
  const before = statuses.length;
  old.answer(SUBSCRIBED);
  await settle(60_000);
  expect(statuses).toHaveLength(before);
  expect(caughtUp).toBe(0);
  expect(source.released).toBe(1);
});
