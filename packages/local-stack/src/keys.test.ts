import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKeys } from './keys.ts';
import { homePaths } from './paths.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'threadline-keys-'));
});

afterEach(() => rm(home, { recursive: true }));

test('keys are made once per home and kept from other accounts', async () => {
  const first = await loadKeys(home);
  expect(await loadKeys(home)).toEqual(first);
  expect((await stat(homePaths(home).keys)).mode & 0o077).toBe(0);
});

test('no two homes share a key', async () => {
  const other = await mkdtemp(join(tmpdir(), 'threadline-keys-'));
  const [a, b] = await Promise.all([loadKeys(home), loadKeys(other)]);
  await rm(other, { recursive: true });
  const values = [...Object.values(a), ...Object.values(b)];
  expect(new Set(values).size).toBe(values.length);
});

test('the legacy keys are tokens of their roles, signed with the home’s secret', async () => {
  const keys = await loadKeys(home);
  const secret = new TextEncoder().encode(keys.jwtSecret);
  expect((await jwtVerify(keys.anonKey, secret)).payload).toMatchObject({ role: 'anon' });
  expect((await jwtVerify(keys.serviceRoleKey, secret)).payload).toMatchObject({ role: 'service_role' });
});
