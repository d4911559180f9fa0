import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { App } from '@supabase/lite';

type StorageAdapter = NonNullable<App['_storageAdapter']>;
type Metadata = Awaited<ReturnType<StorageAdapter['headObject']>>;

const sidecarSchema = z.object({ mimetype: z.string(), cacheControl: z.string(), eTag: z.string() });

/**
 * Keeps objects as files. Names are hashed, so no object name can leave the folder or meet a file system's
 * limits; what a file system does not keep (type, cache time, tag) stands in a file beside it.
 */
export function createFileStorage(folder: string): StorageAdapter {
  const pathOf = (bucket: string, key: string): string => {
    const name = createHash('sha256').update(`${bucket}/${key}`).digest('hex');
    return join(folder, name.slice(0, 2), name);
  };
  const head = (bucket: string, key: string): Promise<Metadata> => readMetadata(pathOf(bucket, key));
  return {
    driver: null,
    async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
      const path = pathOf(bucket, key);
      const bytes = await readAll(body);
      const eTag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, bytes);
      await writeFile(`${path}.json`, JSON.stringify({ mimetype, cacheControl, eTag }));
      await rename(`${path}.new`, path);
      return head(bucket, key);
    },
    async getObject(bucket, key) {
      const metadata = await head(bucket, key);
      const body = Readable.toWeb(createReadStream(pathOf(bucket, key)));
      return { metadata, httpStatusCode: 200, body };
    },
    headObject: head,
    deleteObject: (bucket, key) => remove(pathOf(bucket, key)),
    async deleteObjects(bucket, keys) {
      await Promise.all(keys.map((key) => remove(pathOf(bucket, key))));
    },
    async copyObject(bucket, key, _version, toBucket, toKey) {
      const [from, to] = [pathOf(bucket, key), pathOf(toBucket, toKey)];
      await mkdir(dirname(to), { recursive: true });
      await copyFile(`${from}.json`, `${to}.json`);
      await copyFile(from, to);
      const { eTag, lastModified } = await head(toBucket, toKey);
      return { httpStatusCode: 200, eTag, ...(lastModified ? { lastModified } : {}) };
    },
    privateAssetUrl: (bucket, key) => Promise.resolve(`file://${pathOf(bucket, key)}`),
  };
}

async function readMetadata(path: string): Promise<Metadata> {
  const { size, mtime } = await stat(path);
  const sidecar = sidecarSchema.parse(JSON.parse(await readFile(`${path}.json`, 'utf8')));
  return { ...sidecar, size, contentLength: size, lastModified: mtime, httpStatusCode: 200 };
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.json`, { force: true });
}

async function readAll(body: Parameters<StorageAdapter['uploadObject']>[3]): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  const reader = body.getReader();
  for (;;) {
    const chunk: { done: boolean; value?: unknown } = await reader.read();
    if (chunk.done) return Buffer.concat(chunks);
    chunks.push(z.instanceof(Uint8Array).parse(chunk.value));
  }
}
