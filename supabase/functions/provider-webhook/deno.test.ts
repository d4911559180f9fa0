import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DenoFunction, portOf } from '../testing/deno-function.ts';
import {
  credentials,
  deliveryPost,
  inboundPost,
  publicWebhookBase,
  sealedQuery,
  strangerToken,
  telnyxDelivery,
  telnyxInbound,
  telnyxPost,
} from './fixtures/signed-requests.ts';

let database: Server;
let webhook: DenoFunction;
let answer = { status: 200, body: '{"outcome":"processed"}' };
let recorded: { url: string | undefined; apikey: string | string[] | undefined; parameters: unknown }[] = [];

async function startDatabase(): Promise<void> {
  database = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parameters: unknown = JSON.parse(Buffer.concat(chunks).toString());
      recorded.push({ url: request.url, apikey: request.headers['apikey'], parameters });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
}

beforeAll(async () => {
  await startDatabase();
  webhook = await DenoFunction.start(import.meta.dirname, {
    SUPABASE_URL: `http://127.0.0.1:${portOf(database)}`,
    SUPABASE_SECRET_KEY: 'sb_secret_x',
    PUBLIC_WEBHOOK_BASE: publicWebhookBase,
    PROVIDER_CREDENTIALS: credentials,
  });
}, 30_000);

afterAll(async () => {
  await webhook.stop();
  database.closeAllConnections();
  database.close();
});

describe('the function in Deno', () => {
  const post = async (request: Request) => {
    recorded = [];
    const { pathname, search } = new URL(request.url);
    const body = await request.arrayBuffer();
    return fetch(webhook.url + pathname + search, { method: 'POST', headers: request.headers, body });
  };

  it('records a genuine message over the data API, offline and unbuilt', async () => {
    answer = { status: 200, body: '{"outcome":"processed"}' };
    const response = await post(await inboundPost({}, { prefix: '/functions/v1' }));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<Response></Response>');
    expect(recorded).toMatchObject([
      {
        url: '/rest/v1/rpc/ingest_inbound_message',
        apikey: 'sb_secret_x',
        parameters: { p_event: { body: 'Hello, café 😀 & more + plus', from: '+13125550001' } },
      },
    ]);
  });

  it('records a delivery report with the attempt from the signed query', async () => {
    answer = { status: 200, body: '{"outcome":"processed"}' };
    expect((await post(await deliveryPost())).status).toBe(204);
    expect(recorded).toMatchObject([
      {
        url: '/rest/v1/rpc/apply_delivery_report',
        parameters: { p_event: { attempt_id: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90', status: 'delivered' } },
      },
    ]);
  });

  it('checks an Ed25519 signature and the seal of an attempt', async () => {
    answer = { status: 200, body: '{"outcome":"processed"}' };
    const query = await sealedQuery();
    const response = await post(await telnyxPost(telnyxDelivery('delivered'), { query, at: Date.now() }));
    expect(response.status).toBe(200);
    expect(recorded).toMatchObject([
      {
        url: '/rest/v1/rpc/apply_delivery_report',
        parameters: {
          p_event: {
            provider: 'telnyx',
            account_ref: 'telnyx-main',
            attempt_id: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90',
            status: 'delivered',
          },
        },
      },
    ]);
    expect((await post(await telnyxPost(telnyxInbound(), { at: Date.now() - 301_000 }))).status).toBe(403);
    expect(recorded).toEqual([]);
  });

  it('refuses a forgery with nothing recorded', async () => {
    expect((await post(await inboundPost({}, { token: strangerToken }))).status).toBe(403);
    expect((await post(await inboundPost({}, { token: null }))).status).toBe(400);
    expect((await post(await inboundPost({ Body: 'x'.repeat(300_000) }))).status).toBe(413);
    expect(recorded).toEqual([]);
  });

  it('asks for the event again when the database fails', async () => {
    answer = { status: 500, body: '{"code":"57P01"}' };
    expect((await post(await inboundPost())).status).toBe(503);
    answer = { status: 200, body: '{"outcome":"failed","reason":"sqlstate_40P01","retry":true}' };
    expect((await post(await inboundPost())).status).toBe(503);
  });

  it('logs one JSON object a line and no person', () => {
    expect(webhook.lines.map((line): unknown => JSON.parse(line))).not.toHaveLength(0);
    expect(webhook.lines.join()).not.toMatch(/3125550001|7735550002|café/);
  });
});
