import { expect, test } from 'vitest';
import { organizationPath } from './paths.ts';

test('an organization is reached by its short name', () => {
  expect(organizationPath({ id: '01900000-0000-7000-8000-000000000001', slug: 'northwind' })).toBe(
    '/northwind',
  );
});

test('an organization called like one of our pages is reached by its id', () => {
  expect(organizationPath({ id: '01900000-0000-7000-8000-000000000001', slug: 'sign-in' })).toBe(
    '/01900000-0000-7000-8000-000000000001',
  );
});
