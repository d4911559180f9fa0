import { expect, test } from 'vitest';
import { z } from '#lib/data/schema.ts';
import { createUniqueKey } from './unique-key.ts';

test('a key is a valid random UUID, and never the same twice', () => {
  const keys = Array.from({ length: 100 }, createUniqueKey);
  for (const key of keys) expect(z.uuidv4().safeParse(key).success).toBe(true);
  expect(new Set(keys).size).toBe(keys.length);
});
