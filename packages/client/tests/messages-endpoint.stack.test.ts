import { createHash, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { asAdmin, someone, textsTo, tomorrow } from './support/demo.ts';

const stack = inject('stack');
const endpoint = `${stack.functionsUrl}/messages`;
const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });

interface ApiKey {
  api_key_id: string;
  api_key: string;
}

async function makeKey(): Promise<ApiKey> {
  const made = (await asAdmin(stack, 'create_api_key', {
    p_organization_id: stack.organization.id,
    p_name: `Test ${randomUUID()}`,
  })) as ApiKey[];
  return made[0]!;
}

let key: ApiKey;
beforeAll(async () => {
  key = await makeKey();
});
afterAll(async () => sql.end());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${key.api_key}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const urgent = () => ({
  to: someone(),
  body: `Hi ${randomUUID()}`,
  class: 'urgent',
  dedupe_window_seconds: 0,
});

describe('a message left at the carrier over HTTP', () => {
  const from = '+18335550177';
  const service = (ref: string | null) =>
    sql`update public.phone_numbers set messaging_service_ref = ${ref} where phone_number = ${from}`;
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const job = () => ({ ...urgent(), from, carrier_scheduling: true, scheduled_for: inHours(3) });

  test('is refused, with the reason, where the carrier would send it at once', async () => {
    expect(await call('POST', '', job())).toMatchObject({
      status: 422,
      body: { code: 'TL118', detail: expect.stringContaining('messaging service') as string },
    });
  });

  test('moves and is taken back when the carrier says so', async () => {
    await service(`MG${'c'.repeat(32)}`);
    try {
      const message = job();
      const { status, body } = await call('POST', '', message);
      expect(status).toBe(201);
      const path = `/${String(body['job_id'])}`;
      const state = async () => (await call('GET', path)).body;
      await expect.poll(state, { timeout: 15_000 }).toMatchObject({ status: 'at_carrier' });
      const later = inHours(30);
      expect(await call('PATCH', path, { scheduled_for: later })).toMatchObject({ status: 200 });
      await expect
        .poll(async () => Date.parse(String((await state())['carrier_at'])), { timeout: 15_000 })
        .toBe(Date.parse(later));
      await expect.poll(state, { timeout: 15_000 }).toMatchObject({ status: 'at_carrier' });
      expect(await call('DELETE', path)).toMatchObject({ status: 202, body: { status: 'at_carrier' } });
      await expect.poll(state, { timeout: 15_000 }).toMatchObject({ status: 'cancelled' });
    } finally {
      await service(null);
    }
  });
});

describe('sending over HTTP', () => {
  test('a message goes out once, however often it is posted', async () => {
    const message = urgent();
    const idempotency = { 'idempotency-key': randomUUID() };
    const first = await call('POST', '', message, idempotency);
    expect(first).toMatchObject({ status: 201, body: { outcome: 'accepted' } });
    const replay = await call('POST', '', message, idempotency);
    expect(replay).toMatchObject({ status: 200, body: { job_id: first.body['job_id'] } });
    expect(replay.headers.get('idempotent-replay')).toBe('true');
    const conflict = await call('POST', '', { ...message, body: 'Other' }, idempotency);
    expect(conflict).toMatchObject({ status: 409, body: { code: 'TL105' } });
    expect(await textsTo(stack, message.to)).toEqual([message.body]);
  });

  test('a list is kept with the fate of each message', async () => {
    const messages = [
      urgent(),
      { to: 'nobody', body: 'Hi' },
      { ...urgent(), template: 'x', body: undefined },
    ];
    const idempotency = { 'idempotency-key': randomUUID() };
    const first = await call('POST', '', { messages }, idempotency);
    expect(first).toMatchObject({
      status: 200,
      body: {
        accepted: 1,
        refused: 2,
        results: [{ index: 0 }, { code: 'invalid_input' }, { code: 'TL110' }],
      },
    });
    const again = await call('POST', '', { messages: messages.slice(0, 1) }, idempotency);
    expect(again).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 1 } });
  });

  test('a scheduled message is looked up, moved and cancelled', async () => {
    const { body } = await call('POST', '', { ...urgent(), scheduled_for: tomorrow().toISOString() });
    const path = `/${String(body['job_id'])}`;
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { status: 'scheduled' } });
    const later = new Date(Date.now() + 48 * 60 * 60 * 1000).toISOString();
    expect(await call('PATCH', path, { scheduled_for: later })).toMatchObject({ status: 200 });
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await call('PATCH', path, { scheduled_for: later })).toMatchObject({ status: 409 });
    expect(await call('GET', `/${randomUUID()}`)).toMatchObject({ status: 404 });
  });
});

describe('the key', () => {
  test('opens nothing once it is revoked', async () => {
    const own = await makeKey();
    const headers = { authorization: `Bearer ${own.api_key}` };
    expect(await call('GET', '/none', undefined, headers)).toMatchObject({ status: 404 });
    await asAdmin(stack, 'revoke_api_key', { p_api_key_id: own.api_key_id });
    expect(await call('GET', '/none', undefined, headers)).toMatchObject({ status: 401 });
  });

  test('is kept as a hash alone', async () => {
    const [row] =
      await sql`select encode(key_hash, 'hex') as hash, key_prefix from public.api_keys where id = ${key.api_key_id}`;
    expect(row).toEqual({
      hash: createHash('sha256').update(key.api_key).digest('hex'),
      key_prefix: key.api_key.slice(0, 12),
    });
  });

  test('has a rate, and says when to come again', async () => {
    const own = await makeKey();
    const headers = { authorization: `Bearer ${own.api_key}` };
    expect(await call('GET', '/none', undefined, headers)).toMatchObject({ status: 404 });
    // As if it had sent for an hour all at once.
    await sql`update private.api_key_rates set free_at = now() + interval '1 hour' where api_key_id = ${own.api_key_id}`;
    const refused = await call('GET', '/none', undefined, headers);
    expect(refused).toMatchObject({ status: 429, body: { title: 'Too many requests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
  });

  test('is needed, though not for the document', async () => {
    expect(await call('POST', '', urgent(), { authorization: '' })).toMatchObject({ status: 401 });
    const response = await fetch(`${endpoint}/openapi.json`);
    expect(await response.json()).toMatchObject({ openapi: '3.1.0' });
  });
});
