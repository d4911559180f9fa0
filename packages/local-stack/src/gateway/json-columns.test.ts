import { expect, test } from 'vitest';
import { protectBody } from './json-columns.ts';

const twice = (value: unknown) => JSON.stringify(JSON.stringify(value));

test('texts, booleans and lists in JSON columns are quoted twice, nothing else is touched', () => {
  const row = { title: 'true', facts: 'true', flags: [true], more: { a: 'x' }, number: 5, none: null };
  const columns = ['facts', 'flags', 'more', 'number', 'none'];
  expect(JSON.parse(protectBody(JSON.stringify(row), columns))).toEqual({
    ...row,
    facts: twice('true'),
    flags: twice([true]),
  });
});

test('every row of many is looked into', () => {
  expect(JSON.parse(protectBody('[{"a":1},{"a":false}]', ['a']))).toEqual([{ a: 1 }, { a: twice(false) }]);
});

test.each(['{"a": 9007199254740993}', '[]', '[1]', 'no json', ''])('%s stays as it was written', (text) => {
  expect(protectBody(text, ['a'])).toBe(text);
});
