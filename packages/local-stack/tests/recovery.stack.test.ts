import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { RunningStack } from '../src/stack.ts';
import { startThrowAwayStack } from '../src/testing/throw-away-stack.ts';

const shared = inject('stack');
let own: RunningStack;

beforeAll(async () => {
  own = await startThrowAwayStack({ web: 'none' });
});

afterAll(() => own.stop());

test('two stacks live side by side, and the keys of one mean nothing to the other', async () => {
  expect(own.stack.apiUrl).not.toBe(shared.apiUrl);
  const ask = (key: string) =>
    fetch(`${own.stack.apiUrl}/rest/v1/organizations?select=id`, { headers: { apikey: key } });
  expect((await ask(own.stack.secretKey)).status).toBe(200);
  expect((await ask(shared.secretKey)).status).toBe(401);
});

test.each(['gateway', 'realtime', 'function-provider-webhook', 'carrier', 'worker', 'postgres'])(
  'a killed %s comes back and the whole works again',
  async (name) => {
    const part = own.parts.get(name);
    const pid = part?.child().pid ?? 0;
    process.kill(-pid, 'SIGKILL');
    await until(() => part !== undefined && part.child().pid !== pid && part.child().running());
    await until(() => textReachesInbox(`after ${name}`));
  },
);

test('a taken port is named, and with it who holds it', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  // The web app's port is the first of a stack.
  await expect(startThrowAwayStack({ web: 'none', portBase: port })).rejects.toThrow(`Port ${port} `);
  blocker.close();
});

/** Sends one text through carrier, gateway, function and database. */
async function textReachesInbox(body: string): Promise<boolean> {
  const { carrierUrl, organization, dbUrl } = own.stack;
  await fetch(`${carrierUrl}/control/inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '+13125550142', to: organization.phoneNumber, body }),
  }).catch(() => undefined);
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  const rows = await sql`select 1 from public.messages where body = ${body}`.catch(() => []);
  await sql.end({ timeout: 1 });
  return rows.length > 0;
}

/** Looks again and again, for half a minute at most. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 150; looks += 1) {
    if (await holds()) return;
    await pause(200);
  }
  throw new Error('it did not come true within half a minute');
}
