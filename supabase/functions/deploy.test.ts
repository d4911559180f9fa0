import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentials } from './provider-webhook/fixtures/signed-requests.ts';
import { DenoFunction, portOf } from './testing/deno-function.ts';

const root = join(import.meta.dirname, '../..');

let folder: string;
let api: Server;
/** What the CLI uploaded: texts by path. */
const uploaded = new Map<string, string>();

/** The files of a multipart body. Ours are sources, so their text is all there is to them. */
function filesOf(body: string, contentType: string): [path: string, text: string][] {
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1] ?? '';
  return body.split(`--${boundary}`).flatMap((part): [string, string][] => {
    const [head = '', ...rest] = part.split('\r\n\r\n');
    const path = /filename="([^"]+)"/.exec(head)?.[1];
    return path === undefined ? [] : [[path, rest.join('\r\n\r\n').slice(0, -2)]];
  });
}

/** The part of hosted Supabase that takes a function. */
async function startApi(): Promise<void> {
  api = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.method !== 'POST') {
        response.end('[]');
        return;
      }
      const files = filesOf(Buffer.concat(chunks).toString(), request.headers['content-type'] ?? '');
      for (const [path, text] of files) uploaded.set(path, text);
      response.statusCode = 201;
      response.end(JSON.stringify({ id: 'x', slug: 'x', name: 'x', status: 'ACTIVE', version: 1 }));
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
}

async function deploy(functionName: string): Promise<void> {
  const base = `http://127.0.0.1:${portOf(api)}`;
  const profile = join(folder, 'profile.yaml');
  await writeFile(
    profile,
    `name: test\napi_url: ${base}\ndashboard_url: ${base}\nproject_host: supabase.co\n`,
  );
  const target = ['--use-api', `--remote=${'a'.repeat(20)}`, '--profile', profile, '--yes'];
  await promisify(execFile)('supabase', ['functions', 'deploy', functionName, ...target], {
    cwd: root,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      SUPABASE_ACCESS_TOKEN: `sbp_${'0'.repeat(40)}`,
      DO_NOT_TRACK: '1',
    },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'threadline-deploy-'));
  await startApi();
  await deploy('provider-webhook');
}, 60_000);

afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await rm(folder, { recursive: true });
});

describe('deploying provider-webhook', () => {
  it('uploads everything it imports, from the packages too, and no test', () => {
    const paths = [...uploaded.keys()];
    expect(paths).toContain('packages/providers/src/index.ts');
    expect(paths).toContain('packages/messaging/src/intent.ts');
    expect(paths.filter((path) => /\.test\.ts$|fixtures|testing/.test(path))).toEqual([]);
  });

  it('uploads what runs by itself, with nothing else there', async () => {
    for (const [path, text] of uploaded) {
      await mkdir(dirname(join(folder, 'uploaded', path)), { recursive: true });
      await writeFile(join(folder, 'uploaded', path), text);
    }
    const deployed = await DenoFunction.start(join(folder, 'uploaded/supabase/functions/provider-webhook'), {
      SUPABASE_URL: 'http://127.0.0.1:1',
      // On hosted the keys come as JSON by name.
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
      PUBLIC_WEBHOOK_BASE: 'http://127.0.0.1:1/functions/v1',
      PROVIDER_CREDENTIALS: credentials,
    });
    const response = await fetch(`${deployed.url}/provider-webhook/twilio`, { method: 'POST', body: 'a=b' });
    await deployed.stop();
    expect(response.status).toBe(400);
  }, 30_000);
});
