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
  const text = callText(target, ['p_body'], false);
  expect(text).toContain('public."send"("p_body" := _args."p_body")');
  expect(text).toContain('_args ("p_body" text)');
  expect(text).not.toContain('p_tags');
});

test('a name cannot break out of its quotes', () => {
  expect(callText({ ...target, name: 'a"b', parameters: [] }, [], false)).toContain('public."a""b"()');
});

test('one value is answered alone, a set as a list', () => {
  expect(callText(target, ['p_body'], false)).toContain('-> 0');
  expect(callText({ ...target, returnsSet: true }, ['p_body'], false)).toContain(
    "coalesce(json_agg(to_json(_rows.value)), '[]'",
  );
});

test('a page is cut from one call, which is counted whole', () => {
  const text = callText(target, ['p_body'], true);
  expect(text.match(/"send"\(/g)).toHaveLength(1);
  expect(text).toContain('limit $2::bigint offset $3::bigint');
});
