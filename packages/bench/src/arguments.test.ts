import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  describeOptions,
  flag,
  numberList,
  readOptions,
  share,
  UsageProblem,
  wholeNumber,
} from './arguments.ts';

const schema = z.object({
  messages: wholeNumber(1, 20, 'how many'),
  inFlight: wholeNumber(1, 5, 'at once'),
  rejectRate: share(0, 'refused'),
  warm: flag(true, 'warm up first'),
  sizes: numberList([1, 10], 'backlogs'),
});

describe('readOptions', () => {
  it('falls back to what is usual', () => {
    expect(readOptions(schema, [])).toEqual({
      messages: 20,
      inFlight: 5,
      rejectRate: 0,
      warm: true,
      sizes: [1, 10],
    });
  });

  it('reads words, equal signs, flags and their opposites', () => {
    const words = ['--messages', '7', '--in-flight=9', '--no-warm', '--sizes', '3,4', '--reject-rate', '0.5'];
    expect(readOptions(schema, words)).toEqual({
      messages: 7,
      inFlight: 9,
      rejectRate: 0.5,
      warm: false,
      sizes: [3, 4],
    });
  });

  it.each([
    ['an option nobody knows', ['--colour', 'red']],
    ['a word that is no option', ['fast']],
    ['a number that is none', ['--messages', 'many']],
    ['a share above one', ['--reject-rate', '2']],
    ['a list with a hole', ['--sizes', '1,,2']],
    ['a number that is missing', ['--messages']],
  ])('refuses %s and lists what there is', (_, words) => {
    expect(() => readOptions(schema, words)).toThrow(UsageProblem);
    expect(() => readOptions(schema, words)).toThrow('--in-flight');
  });
});

describe('describeOptions', () => {
  it('tells what every option does', () => {
    expect(describeOptions(schema)).toContain('--in-flight          at once');
  });
});
