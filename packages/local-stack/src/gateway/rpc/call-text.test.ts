import { expect, test } from 'vitest';
import { callText } from './call-text.ts';

const target = {
  name: 'send',
  parameters: [
    { name: 'p_body', type: 'text', optional: false },
    { name: 'p_tags', type: 'text[]', optional: true },
  ],
  hasColumns: false,
  returnsSet: false,
  returnsNothing: false,
};

test('only the arguments given are named, each with its type', () => {
  const text = callText(target, ['p_body']);
  expect(text).toContain('public."send"("p_body" := _args."p_body")');
  expect(text).toContain('_args ("p_body" text)');
  expect(text).not.toContain('p_tags');
});

test('a name cannot break out of its quotes', () => {
  expect(callText({ ...target, name: 'a"b', parameters: [] }, [])).toContain('public."a""b"()');
});

test('one value is answered alone, a set as a list', () => {
  expect(callText(target, ['p_body'])).toContain('-> 0');
  expect(callText({ ...target, returnsSet: true }, ['p_body'])).toContain(
    "coalesce(json_agg(to_json(_rows.value)), '[]'",
  );
});
