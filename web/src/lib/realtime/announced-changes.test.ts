import { expect, test } from 'vitest';
import { AnnouncedChanges } from './announced-changes.ts';
import { Snapshot } from './snapshot.ts';

const before = new Snapshot('100:101:100');
const after = new Snapshot('101:101:');

test('what an answer saw is not looked for again', () => {
  const announced = new AnnouncedChanges();
  announced.expect([99n]);
  expect(announced.pauseAfter(before)).toBeNull();
});

test('what it did not see is looked for soon, then ever later, until it is seen', () => {
  const announced = new AnnouncedChanges();
  announced.expect([100n]);
  expect([announced.pauseAfter(before), announced.pauseAfter(before), announced.pauseAfter(before)]).toEqual([
    50, 100, 200,
  ]);
  expect(announced.pauseAfter(after)).toBeNull();
});

test('is given up in the end', () => {
  const announced = new AnnouncedChanges();
  announced.expect([100n]);
  const pauses = Array.from({ length: 16 }, () => announced.pauseAfter(before));
  expect(pauses.at(-2)).toBe(1000);
  expect(pauses.at(-1)).toBeNull();
  announced.expect([100n]);
  expect(announced.pauseAfter(before)).toBe(50);
});
