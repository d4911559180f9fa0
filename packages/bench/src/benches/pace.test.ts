import { describe, expect, it } from 'vitest';
import { countWindows } from './pace.ts';

describe('counting the messages of any ten seconds', () => {
  const evenly = Array.from({ length: 2_000 }, (_, index) => index * 20);

  it('finds an even pace to be what was promised', () => {
    expect(countWindows(evenly, 50)).toEqual({ windows: 1400, least: 1, most: 1 });
  });

  it('finds the burst that a mean over the whole would hide', () => {
    const burst = [...evenly, ...Array.from({ length: 25 }, () => 15_000)];
    expect(countWindows(burst, 50).most).toBe(1.05);
    expect(countWindows(burst, 50).least).toBe(1);
  });

  it('finds the pause', () => {
    const pause = evenly.filter((at) => at < 15_000 || at >= 15_500);
    expect(countWindows(pause, 50).least).toBe(0.95);
  });
});
