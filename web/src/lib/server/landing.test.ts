import { expect, test } from 'vitest';
import { safeNext } from './landing.ts';

test.each(['/harbor/inbox', '/welcome?x=1'])('goes on to %s, a page of ours', (path) => {
  expect(safeNext(path)).toBe(path);
});

test.each([null, '', 'https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
  'does not lead to %s',
  (path) => {
    expect(safeNext(path)).toBeNull();
  },
);
