import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'threadline-bundle-'));
const bundle = join(folder, 'main.mjs');

beforeAll(() => {
  const built = spawnSync(process.execPath, [join(import.meta.dirname, '../build.ts'), bundle], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  expect(built.status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the bundled worker', () => {
  it('starts far from any node_modules, and explains what it needs', () => {
    const run = spawnSync(process.execPath, [bundle], { cwd: folder, env: {}, encoding: 'utf8' });
    expect(run.stderr).toContain('The worker cannot start:');
    expect(run.stderr).toContain('WORKER_DATABASE_URL is not set. It is: ');
    expect(run.status).toBe(1);
  });
});
