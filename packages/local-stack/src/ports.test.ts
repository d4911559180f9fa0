import { expect, test } from 'vitest';
import { stackPorts } from './ports.ts';

test('every port derives from the base, so that moving the base moves them all', () => {
  expect(stackPorts(4300)).toEqual({
    web: 4300,
    carrier: 4301,
    gateway: 4302,
    postgres: 4303,
    realtime: 4304,
    worker: 4305,
    functions: 4310,
  });
  expect(stackPorts(5000).functions).toBe(5010);
});
