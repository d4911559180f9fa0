import { expect, test } from 'vitest';
import { Snapshot } from './snapshot.ts';

test('sees what was over when it was taken', () => {
  const snapshot = new Snapshot('100:105:100,103');
  const seen = [99n, 100n, 101n, 102n, 103n, 104n, 105n, 106n].map((id) => snapshot.sees(id));
  expect(seen).toEqual([true, false, true, true, false, true, false, false]);
  expect([...snapshot.running]).toEqual([100n, 103n]);
});

test('with nothing running sees all that had begun', () => {
  const snapshot = new Snapshot('18446744073709551000:18446744073709551000:');
  expect(snapshot.sees(18446744073709550999n)).toBe(true);
  expect(snapshot.sees(18446744073709551000n)).toBe(false);
  expect([...snapshot.running]).toEqual([]);
});

test.each(['12:x:', 'a:12:', '1:2:x'])('%j is no snapshot', (text) => {
  expect(() => new Snapshot(text)).toThrow(SyntaxError);
});
