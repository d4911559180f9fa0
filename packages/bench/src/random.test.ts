import { expect, it } from 'vitest';
import { createRandom } from './random.ts';

it('gives the same numbers for the same seed, and others for another', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('stays within its bounds and reaches all of them', () => {
  const random = createRandom(1);
  const drawn = new Set(Array.from({ length: 1000 }, () => random.below(10)));
  expect([...drawn].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('picks from what there is, and not from nothing', () => {
  expect(['a', 'b']).toContain(createRandom(3).pick(['a', 'b']));
  expect(() => createRandom(3).pick([])).toThrow(RangeError);
});
