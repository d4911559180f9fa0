import { expect, test } from 'vitest';
import { describeFailures, parseTap } from './tap.ts';

test('a run that keeps its plan has no failures', () => {
  const report = parseTap(['1..2', 'ok 1 - first', 'ok 2 - second']);
  expect(report.assertions.map(({ description }) => description)).toEqual(['first', 'second']);
  expect(describeFailures(report)).toEqual([]);
});

test('a failed assertion is told with its remarks', () => {
  const report = parseTap([
    '1..1',
    'not ok 1 - totals agree',
    '# Failed test 1: "totals agree"',
    '#         have: 1',
  ]);
  expect(describeFailures(report)).toEqual([
    'not ok: totals agree\n  Failed test 1: "totals agree"\n          have: 1',
  ]);
});

test('fewer assertions than planned are a failure', () => {
  expect(describeFailures(parseTap(['1..3', 'ok 1 - only one']))).toEqual([
    'planned 3 assertions but made 1',
  ]);
});

test('a run without a plan is a failure', () => {
  expect(describeFailures(parseTap(['ok 1 - lonely']))).toEqual([
    'no plan: the file never said how many assertions it makes',
  ]);
});

test('a plan that stands last counts like one that stands first', () => {
  expect(describeFailures(parseTap(['ok 1 - a', 'ok 2 - b', '1..2']))).toEqual([]);
});

test('unfinished work may fail', () => {
  expect(describeFailures(parseTap(['1..1', 'not ok 1 - later # TODO not written yet']))).toEqual([]);
});

test('a bail-out is a failure', () => {
  expect(describeFailures(parseTap(['1..1', 'ok 1 - a', 'Bail out! no extension']))).toEqual([
    'bailed out: no extension',
  ]);
});
