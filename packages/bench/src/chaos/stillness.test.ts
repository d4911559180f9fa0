import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Stillness } from './stillness.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('counts from the last change on', () => {
  const stillness = new Stillness();
  const after = (milliseconds: number, look: string) => {
    vi.advanceTimersByTime(milliseconds);
    return stillness.of(look);
  };
  expect(after(500, 'a')).toBe(0);
  expect(after(500, 'a')).toBe(500);
  expect(after(700, 'a')).toBe(1_200);
  expect(after(300, 'b')).toBe(0);
  expect(after(100, 'b')).toBe(100);
  expect(after(100, 'a')).toBe(0);
});
