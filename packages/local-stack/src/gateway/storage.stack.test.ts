import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { client, serverClient, signedInClient } from '../testing/clients.ts';

const stack = inject('stack');
const bucketId = `shelf-${randomUUID()}`;
const bucket = serverClient().storage.from(bucketId);
const text = (content: string) => new Blob([content], { type: 'text/plain' });

beforeAll(async () => {
  await serverClient().storage.createBucket(bucketId, {
    public: false,
    fileSizeLimit: 1000,
    allowedMimeTypes: ['text/plain'],
  });
});

afterAll(async () => {
  await serverClient().storage.emptyBucket(bucketId);
  await serverClient().storage.deleteBucket(bucketId);
});

test('what is uploaded comes back, whatever its name', async () => {
  const path = 'a folder/ünï+cödé (1).txt';
  expect((await bucket.upload(path, text('hello'), { metadata: { by: 'me' } })).data).toMatchObject({
    path,
    fullPath: `${bucketId}/${path}`,
  });
  expect(await (await bucket.download(path)).data?.text()).toBe('hello');
  expect((await bucket.info(path)).data).toMatchObject({
    size: 5,
    contentType: 'text/plain',
    metadata: { by: 'me' },
  });
});

test('bytes are stored as they are', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  await bucket.upload('bytes', bytes, { contentType: 'text/plain' });
  expect(new Uint8Array((await (await bucket.download('bytes')).data?.arrayBuffer()) ?? [])).toEqual(bytes);
});

test('a name is taken once, unless it may be written over', async () => {
  await bucket.upload('once.txt', text('1'));
  expect((await bucket.upload('once.txt', text('2'))).error).toMatchObject({ statusCode: '409' });
  expect((await bucket.upload('once.txt', text('3'), { upsert: true })).error).toBeNull();
  expect((await bucket.update('once.txt', text('4'))).error).toBeNull();
  expect(await (await bucket.download('once.txt')).data?.text()).toBe('4');
});

test('a bucket’s limits hold', async () => {
  expect((await bucket.upload('big.txt', text('x'.repeat(1001)))).error).toMatchObject({ statusCode: '413' });
  const image = new Blob(['x'], { type: 'image/png' });
  expect((await bucket.upload('image.png', image)).error).toMatchObject({ statusCode: '415' });
});

test('a folder lists its files and its folders, not what lies deeper', async () => {
  await bucket.upload('list/one.txt', text('1'));
  await bucket.upload('list/two.txt', text('2'));
  await bucket.upload('list/deeper/three.txt', text('3'));
  const { data } = await bucket.list('list', { sortBy: { column: 'name', order: 'asc' } });
  expect(data?.map(({ name, id }) => [name, id !== null])).toEqual([
    ['deeper', false],
    ['one.txt', true],
    ['two.txt', true],
  ]);
  expect((await bucket.list('list', { limit: 1, offset: 1 })).data?.map(({ name }) => name)).toEqual([
    'one.txt',
  ]);
});

test('a bucket is listed page by page, with its folders', async () => {
  for (const name of ['p/1.txt', 'p/2.txt', 'p/deeper/3.txt']) await bucket.upload(name, text(name));
  const first = await bucket.listV2({ prefix: 'p/', with_delimiter: true, limit: 2 });
  expect(first.data).toMatchObject({
    hasNext: true,
    folders: [],
    objects: [{ name: 'p/1.txt' }, { name: 'p/2.txt' }],
  });
  const cursor = first.data?.nextCursor ?? '';
  const second = await bucket.listV2({ prefix: 'p/', with_delimiter: true, limit: 2, cursor });
  expect(second.data).toMatchObject({ hasNext: false, folders: [{ name: 'p/deeper/' }], objects: [] });
  const flat = await bucket.listV2({ prefix: 'p/' });
  expect(flat.data?.objects.map(({ name }) => name)).toEqual(['p/1.txt', 'p/2.txt', 'p/deeper/3.txt']);
  expect(flat.data?.objects[0]).toMatchObject({ id: expect.any(String), metadata: { size: 7 } });
  const { client: stranger } = await signedInClient();
  expect((await stranger.storage.from(bucketId).listV2({ prefix: 'p/' })).data?.objects).toEqual([]);
});

test('part of a file may be asked for, by every kind of address', async () => {
  await bucket.upload('digits.txt', text('0123456789'));
  const { data } = await bucket.createSignedUrl('digits.txt', 60);
  const own = `${stack.apiUrl}/storage/v1/object/authenticated/${bucketId}/digits.txt`;
  for (const address of [data?.signedUrl ?? '', own]) {
    const answer = await fetch(address, { headers: { apikey: stack.secretKey, range: 'bytes=2-4' } });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, 'bytes 2-4/10']);
    expect(await answer.text()).toBe('234');
    const headers = { apikey: stack.secretKey, 'if-none-match': answer.headers.get('etag') ?? '' };
    expect((await fetch(address, { headers })).status).toBe(304);
  }
});

test('limits of buckets may be written with a unit', async () => {
  const id = `limited-${randomUUID()}`;
  const { storage } = serverClient();
  await storage.createBucket(id, { public: false, fileSizeLimit: '2kb' });
  expect((await storage.getBucket(id)).data?.file_size_limit).toBe(2000);
  await storage.updateBucket(id, { public: false, fileSizeLimit: '1kb' });
  expect((await storage.from(id).upload('big', Buffer.alloc(1001))).error).toMatchObject({
    statusCode: '413',
    message: 'The object exceeded the maximum allowed size',
  });
  expect((await storage.listBuckets({ search: id })).data).toHaveLength(1);
  await storage.deleteBucket(id);
});

test('Storage takes a key that comes as a token alone', async () => {
  const ask = (key: string) =>
    fetch(`${stack.apiUrl}/storage/v1/bucket/${bucketId}`, { headers: { authorization: `Bearer ${key}` } });
  expect((await ask(stack.secretKey)).status).toBe(200);
  expect((await ask(stack.serviceRoleKey)).status).toBe(200);
  expect((await ask('sb_secret_made_up')).status).toBe(401);
});

test('a signed address opens one file to anybody', async () => {
  await bucket.upload('signed.txt', text('open'));
  const { data } = await bucket.createSignedUrl('signed.txt', 60, { download: 'kept.txt' });
  const answer = await fetch(data?.signedUrl ?? '');
  expect(await answer.text()).toBe('open');
  expect(answer.headers.get('content-disposition')).toContain('kept.txt');
  const forged = (data?.signedUrl ?? '').replace('token=', 'token=x');
  expect((await fetch(forged)).status).toBe(400);
});

test('many addresses are signed at once, and missing files are named', async () => {
  await bucket.upload('many.txt', text('m'));
  const { data } = await bucket.createSignedUrls(['many.txt', 'missing.txt'], 60);
  expect(data?.map(({ path, error }) => [path, error === null])).toEqual([
    ['many.txt', true],
    ['missing.txt', false],
  ]);
  expect(await (await fetch(data?.[0]?.signedUrl ?? '')).text()).toBe('m');
});

test('a signed upload address takes one file from somebody without rights', async () => {
  const { data } = await bucket.createSignedUploadUrl('handed-in.txt');
  const uploaded = await client()
    .storage.from(bucketId)
    .uploadToSignedUrl('handed-in.txt', data?.token ?? '', text('in'));
  expect(uploaded.data).toMatchObject({ fullPath: `${bucketId}/handed-in.txt` });
  expect(await (await bucket.download('handed-in.txt')).data?.text()).toBe('in');
});

test('files are moved, copied and removed', async () => {
  await bucket.upload('from.txt', text('content'));
  expect((await bucket.move('from.txt', 'to.txt')).error).toBeNull();
  expect((await bucket.copy('to.txt', 'copy.txt')).data).toEqual({ path: `${bucketId}/copy.txt` });
  await bucket.remove(['to.txt']);
  expect((await bucket.exists('to.txt')).data).toBe(false);
  expect((await bucket.exists('copy.txt')).data).toBe(true);
});

test('a private bucket is closed to everybody whom no policy lets in', async () => {
  await bucket.upload('private.txt', text('private'));
  const { client: own } = await signedInClient();
  expect((await own.storage.from(bucketId).download('private.txt')).error).not.toBeNull();
  expect((await own.storage.from(bucketId).upload('mine.txt', text('mine'))).error).toMatchObject({
    statusCode: '403',
  });
  expect((await own.storage.from(bucketId).createSignedUrl('private.txt', 60)).error).not.toBeNull();
});
