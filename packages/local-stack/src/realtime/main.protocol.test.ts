import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { onFreePort, startDatabase } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';
import { keys, token } from './testing/fixture.ts';
import { WireClient } from './testing/wire.ts';

let database: TestDatabase;
let child: ChildProcess;
let port: number;
const output: string[] = [];
beforeAll(async () => {
  database = await startDatabase();
  port = await onFreePort(async (free) => free);
  child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: {
      REALTIME_PORT: String(port),
      SUPABASE_DB_URL: database.url,
      SUPABASE_JWT_SECRET: keys.jwtSecret,
      SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
      SUPABASE_SECRET_KEY: keys.secretKey,
    },
  });
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  await vi.waitUntil(() => output.join('').includes('replication_ready'), { timeout: 8000 });
});
afterAll(async () => {
  child.kill('SIGKILL');
  await database.remove();
});

it('serves as a process of its own, and goes with 1012 and a clean exit when told to', async () => {
  const url = `ws://127.0.0.1:${port}/realtime/v1/websocket?vsn=2.0.0&apikey=${await token({ may: [] })}`;
  const client = await new WireClient(url, '2.0.0').open();
  await client.join('realtime:a', { broadcast: { self: true } });
  client.send('realtime:a', 'broadcast', { event: 'e', payload: { text: 'between us' } });
  await client.waitForEvent('broadcast');
  await client.join('realtime:vault', { private: true });

  child.kill('SIGTERM');
  expect((await client.waitForClose()).code).toBe(1012);
  const [exitCode] = (await once(child, 'exit')) as [number];
  expect(exitCode).toBe(0);
});

it('logs one structured line per event, and nothing of what was said or by whom', () => {
  const lines = output.join('').trim().split('\n');
  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual(
    expect.arrayContaining(['listening', 'replication_ready', 'join_refused', 'stopping']),
  );
  expect(output.join('')).not.toMatch(/between us|eyJ|sb_|postgresql:/);
});
