import { expect, it } from 'vitest';
import { printTable } from './report.ts';

it('prints a table whose numbers line up on the right', () => {
  const text = printTable({
    title: 'Drain',
    columns: ['engine', 'a second'],
    rows: [
      ['ours', 2345.678],
      ['a peer', 9],
    ],
  });
  expect(text.split('\n')).toEqual([
    'Drain',
    'engine  a second',
    '------  --------',
    'ours    2,345.68',
    'a peer         9',
  ]);
});
