import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { serverClient, signedInClient } from '../testing/clients.ts';

const stack = inject('stack');
const bucketId = `parts-${randomUUID()}`;
const bucket = serverClient().storage.from(bucketId);
const root = `${stack.apiUrl}/storage/v1/upload/resumable`;

beforeAll(() => serverClient().storage.createBucket(bucketId, { public: false, fileSizeLimit: 1000 }));
afterAll(async () => {
  await serverClient().storage.emptyBucket(bucketId);
  await serverClient().storage.deleteBucket(bucketId);
});

const encode = (text: string) => Buffer.from(text).toString('base64');
const secret = { authorization: `Bearer ${stack.secretKey}` };

function ask(method: string, url: string, headers: Record<string, string>, body?: string): Promise<Response> {
  const all = { 'tus-resumable': '1.0.0', ...secret, ...headers };
  return fetch(url, { method, headers: all, ...(body === undefined ? {} : { body }) });
}

async function begin(name: string, length: number, headers: Record<string, string> = {}): Promise<Response> {
  const metadata = {
    bucketName: bucketId,
    objectName: name,
    contentType: 'text/plain',
    metadata: '{"by":"me"}',
  };
  const pairs = Object.entries(metadata).map(([key, value]) => `${key} ${encode(value)}`);
  return ask('POST', root, {
    'upload-length': String(length),
    'upload-metadata': pairs.join(','),
    ...headers,
  });
}

const part = (url: string, offset: number, body: string) =>
  ask(
    'PATCH',
    url,
    { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
    body,
  );

test('a file that comes in parts is stored when its last one is there', async () => {
  const begun = await begin('a folder/parts.txt', 10);
  const address = begun.headers.get('location') ?? '';
  expect([begun.status, address.startsWith(`${root}/`)]).toEqual([201, true]);
  expect((await part(address, 0, '0123')).headers.get('upload-offset')).toBe('4');
  const state = await ask('HEAD', address, {});
  expect([state.headers.get('upload-offset'), state.headers.get('upload-length')]).toEqual(['4', '10']);
  expect((await bucket.exists('a folder/parts.txt')).data).toBe(false);
  expect((await part(address, 4, '456789')).status).toBe(204);
  expect(await (await bucket.download('a folder/parts.txt')).data?.text()).toBe('0123456789');
  expect((await bucket.info('a folder/parts.txt')).data).toMatchObject({
    size: 10,
    contentType: 'text/plain',
    metadata: { by: 'me' },
  });
  expect((await ask('HEAD', address, {})).status).toBe(404);
});

test('a file without a byte is stored at once', async () => {
  expect((await begin('empty.txt', 0)).status).toBe(201);
  expect((await bucket.info('empty.txt')).data?.size).toBe(0);
});

test('a part for the wrong place changes nothing', async () => {
  const address = (await begin('wrong.txt', 4)).headers.get('location') ?? '';
  await part(address, 0, 'ab');
  expect((await part(address, 0, 'xy')).status).toBe(409);
  expect((await part(address, 2, 'cd')).status).toBe(204);
  expect(await (await bucket.download('wrong.txt')).data?.text()).toBe('abcd');
});

test('an upload that is given up is gone', async () => {
  const address = (await begin('given-up.txt', 4)).headers.get('location') ?? '';
  expect((await ask('DELETE', address, {})).status).toBe(204);
  expect((await part(address, 0, 'abcd')).status).toBe(404);
});

test('a name is taken once, unless it may be written over', async () => {
  await bucket.upload('taken.txt', new Blob(['old'], { type: 'text/plain' }));
  expect((await begin('taken.txt', 3)).status).toBe(409);
  const address = (await begin('taken.txt', 3, { 'x-upsert': 'true' })).headers.get('location') ?? '';
  await part(address, 0, 'new');
  expect(await (await bucket.download('taken.txt')).data?.text()).toBe('new');
});

test('nobody begins an upload whom no policy lets in, or without a token', async () => {
  const { client } = await signedInClient();
  const token = (await client.auth.getSession()).data.session?.access_token ?? '';
  const stranger = await begin('mine.txt', 1, { authorization: `Bearer ${token}` });
  expect(await stranger.json()).toMatchObject({ statusCode: '403' });
  expect((await begin('mine.txt', 1, { authorization: 'Bearer nonsense' })).status).toBe(401);
  const address = (await begin('theirs.txt', 1)).headers.get('location') ?? '';
  const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
  const finished = await ask('PATCH', address, { ...headers, authorization: `Bearer ${token}` }, 'x');
  expect(await finished.json()).toMatchObject({ statusCode: '403' });
  expect((await bucket.exists('theirs.txt')).data).toBe(false);
});

test('more than was announced, or than the bucket takes, is refused', async () => {
  const address = (await begin('more.txt', 2)).headers.get('location') ?? '';
  expect((await part(address, 0, 'abc')).status).toBe(413);
  const large = (await begin('large.txt', 1001)).headers.get('location') ?? '';
  expect(await (await part(large, 0, 'x'.repeat(1001))).json()).toMatchObject({ statusCode: '413' });
});

test('clients learn what is spoken here', async () => {
  const answer = await fetch(root, { method: 'OPTIONS' });
  expect(answer.headers.get('tus-extension')).toContain('creation');
  expect((await ask('POST', root, { 'tus-resumable': '0.2.2' })).status).toBe(412);
});
