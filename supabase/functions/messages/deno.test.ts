import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DenoFunction, portOf } from '../testing/deno-function.ts';
import { accepted, apiKey, bodyOf, organization, to } from './testing/endpoint.ts';

let database: Server;
let deployed: DenoFunction;
let recorded: { url: string | undefined; apikey: string | string[] | undefined }[];

const answers: Readonly<Record<string, unknown>> = {
  authenticate_api_key: { organization_id: organization, api_key_id: 'k1', retry_after_seconds: null },
  enqueue_message: accepted,
};

beforeAll(async () => {
  database = createServer((request, response) => {
    recorded.push({ url: request.url, apikey: request.headers['apikey'] });
    request.resume();
    const functionName = request.url?.split('/').at(-1) ?? '';
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[functionName]));
  });
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  deployed = await DenoFunction.start(import.meta.dirname, {
    SUPABASE_URL: `http://127.0.0.1:${portOf(database)}`,
    // On hosted the keys come as JSON by name.
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
  });
}, 40_000);

afterAll(async () => {
  await deployed.stop();
  database.closeAllConnections();
  database.close();
});

describe('the function in Deno', () => {
  it('keeps a message with the secret key it was given', async () => {
    recorded = [];
    const response = await fetch(`${deployed.url}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to, body: 'Hi' }),
    });
    expect(response.status, deployed.lines.join('\n')).toBe(201);
    expect(await bodyOf(response)).toMatchObject({ job_id: accepted.job_id });
    expect(recorded).toEqual([
      { url: '/rest/v1/rpc/authenticate_api_key', apikey: 'sb_secret_x' },
      { url: '/rest/v1/rpc/enqueue_message', apikey: 'sb_secret_x' },
    ]);
  });

  it('serves the document as it stands in openapi.json', async () => {
    const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8'));
    const response = await fetch(`${deployed.url}/messages/openapi.json`);
    expect(await response.json()).toEqual(file);
  });

  it('logs one JSON object a line and no person', () => {
    expect(deployed.lines.map((line): unknown => JSON.parse(line))).not.toHaveLength(0);
    expect(deployed.lines.join('\n')).not.toMatch(/3125550142|tl_live/);
  });
});
