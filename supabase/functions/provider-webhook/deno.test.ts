import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  credentials,
  deliveryPost,
  inboundPost,
  publicWebhookBase,
  strangerToken,
} from './fixtures/signed-requests.ts';

const stackPackage = join(import.meta.dirname, '../../../packages/local-stack/package.json');
const denoFolder = dirname(createRequire(stackPackage).resolve('deno/package.json'));
const deno = join(denoFolder, process.platform === 'win32' ? 'deno.exe' : 'deno');

let database: Server;
let child: ChildProcess;
let functionUrl: string;
let output = '';
let answer: { status: number; body: string };
let recorded: { url: string | undefined; apikey: string | string[] | undefined; parameters: unknown }[];

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

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

async function startFunction(): Promise<void> {
  const port = await freePort();
  functionUrl = `http://127.0.0.1:${port}`;
  child = spawn(
    deno,
    [
      'run',
      '--no-prompt',
      '--no-lock',
      '--no-remote',
      '--node-modules-dir=none',
      '--allow-net',
      '--allow-env',
      'index.ts',
    ],
    {
      cwd: import.meta.dirname,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DENO_NO_UPDATE_CHECK: '1',
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        SUPABASE_URL: `http://127.0.0.1:${portOf(database)}`,
        SUPABASE_SECRET_KEY: 'sb_secret_x',
        PUBLIC_WEBHOOK_BASE: publicWebhookBase,
        PROVIDER_CREDENTIALS: credentials,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // Any answer will do: this one is a 404.
  await vi.waitFor(() => fetch(functionUrl), { timeout: 30_000, interval: 50 });
}

beforeAll(async () => {
  recorded = [];
  await startDatabase();
  await startFunction();
}, 40_000);

afterAll(async () => {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  database.closeAllConnections();
  database.close();
});

describe('the function in Deno', () => {
  const post = async (request: Request) => {
    recorded = [];
    const { pathname, search } = new URL(request.url);
    const body = await request.arrayBuffer();
    return fetch(functionUrl + pathname + search, { method: 'POST', headers: request.headers, body });
  };

  it('records a genuine message over the data API, offline and unbuilt', async () => {
    answer = { status: 200, body: '{"outcome":"processed"}' };
    const response = await post(await inboundPost({}, { prefix: '/functions/v1' }));
    expect(response.status, output).toBe(200);
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
    expect((await post(await deliveryPost())).status, output).toBe(204);
    expect(recorded).toMatchObject([
      {
        url: '/rest/v1/rpc/apply_delivery_report',
        parameters: { p_event: { attempt_id: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90', status: 'delivered' } },
      },
    ]);
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
    const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('Listening on'));
    expect(lines.map((line): unknown => JSON.parse(line))).not.toHaveLength(0);
    expect(output).not.toMatch(/3125550001|7735550002|café/);
  });
});
