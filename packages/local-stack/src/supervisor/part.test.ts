import { expect, test, vi } from 'vitest';
import type { Child, ChildExit } from './child.ts';
import { startPart } from './part.ts';

/** A process that ends when told to. */
function fakeChild(): { child: Child; end(exit?: ChildExit): void } {
  let end: (exit: ChildExit) => void = () => {};
  const exited = new Promise<ChildExit>((settle) => (end = settle));
  const child: Child = {
    name: 'fake',
    pid: 1,
    stopSignal: 'SIGTERM',
    exited,
    running: () => true,
    stop: () => {
      end({ code: 0, signal: null });
      return Promise.resolve();
    },
    lastLines: () => Promise.resolve(['the last it said']),
  };
  return { child, end: (exit = { code: 1, signal: null }) => end(exit) };
}

test('a part that ends is started again', async () => {
  const first = fakeChild();
  const second = fakeChild();
  const start = vi.fn().mockResolvedValueOnce(first.child).mockResolvedValueOnce(second.child);
  const onRestart = vi.fn();
  const part = await startPart({ name: 'fake', start, graceMs: 0, onRestart, onGiveUp: vi.fn() });
  first.end();
  await vi.waitFor(() => expect(part.child()).toBe(second.child));
  expect(onRestart).toHaveBeenCalledWith('fake ended (code 1); starting it again');
  await part.stop();
});

test('a part that is stopped stays stopped', async () => {
  const only = fakeChild();
  const start = vi.fn().mockResolvedValueOnce(only.child);
  const part = await startPart({ name: 'fake', start, graceMs: 0, onRestart: vi.fn(), onGiveUp: vi.fn() });
  await part.stop();
  expect(start).toHaveBeenCalledTimes(1);
});

test('a part that keeps ending is given up, with the last it said', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const start = vi.fn(() => {
    const fake = fakeChild();
    fake.end();
    return Promise.resolve(fake.child);
  });
  const gaveUp = await new Promise((settle) => {
    void startPart({
      name: 'fake',
      start,
      graceMs: 0,
      onRestart: vi.fn(),
      onGiveUp: settle,
      backOffMs: [0, 0, 0, 0, 0],
    });
  });
  vi.useRealTimers();
  expect(gaveUp).toMatchObject({ message: 'fake keeps ending.', advice: ['the last it said'] });
  expect(start).toHaveBeenCalledTimes(6);
});
