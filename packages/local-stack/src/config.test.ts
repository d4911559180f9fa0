import { expect, it } from 'vitest';
import { readStackConfig } from './config.ts';
import { StackError } from './stack-error.ts';

it('takes an empty variable for one that is not set', () => {
  const empty = { THREADLINE_HOME: '', THREADLINE_PORT_BASE: '', LOG_LEVEL: '', SUPABASE_DB_URL: '' };
  expect(readStackConfig(empty)).toEqual(readStackConfig({}));
  expect(readStackConfig({})).toMatchObject({ portBase: 4300, logLevel: 'info', databaseUrl: undefined });
});

it.each([
  ['THREADLINE_PORT_BASE', 'abc'],
  ['THREADLINE_PORT_BASE', '70000'],
  ['THREADLINE_PORT_BASE', '4300.5'],
  ['LOG_LEVEL', 'verbose'],
])('names %s when it is %s, before anything starts', (name, value) => {
  const read = () => readStackConfig({ [name]: value });
  expect(read).toThrow(StackError);
  try {
    read();
  } catch (error) {
    const advice = error instanceof StackError ? error.advice : [];
    expect(advice).toEqual([expect.stringContaining(`${name} is wrong. It must be: `)]);
  }
});
