import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const stateSchema = z.object({
  bucket: z.string(),
  name: z.string(),
  length: z.number(),
  contentType: z.string(),
  cacheControl: z.string(),
  metadata: z.string().optional(),
  isUpsert: z.boolean(),
});

/** An upload that is under way. */
export type Upload = z.infer<typeof stateSchema>;

/** How long an upload may rest before it is thrown away, as on hosted. */
export const lifetimeMs = 24 * 60 * 60 * 1000;

/** Uploads under way as files: what has arrived of each, and beside it what it shall become. */
export function createUploadStore(folder: string) {
  const pathOf = (id: string): string => join(folder, id);
  return {
    async begin(upload: Upload): Promise<string> {
      await mkdir(folder, { recursive: true });
      await removeExpired(folder);
      const id = randomUUID();
      await writeFile(`${pathOf(id)}.json`, JSON.stringify(upload));
      await writeFile(pathOf(id), '');
      return id;
    },
    /** @returns undefined for an upload that is not, or no longer, under way */
    async find(id: string): Promise<{ upload: Upload; offset: number } | undefined> {
      if (!z.guid().safeParse(id).success) return undefined;
      try {
        const upload = stateSchema.parse(JSON.parse(await readFile(`${pathOf(id)}.json`, 'utf8')));
        return { upload, offset: (await stat(pathOf(id))).size };
      } catch {
        return undefined;
      }
    },
    /** Keeps what arrives, also when it breaks off; what comes after too much is not read. @returns the new offset */
    async append(id: string, bytes: ReadableStream<Uint8Array>, room: number): Promise<number> {
      const file = createWriteStream(pathOf(id), { flags: 'a' });
      await pipeline(Readable.fromWeb(bytes), upToRoom(room), file).catch(() => undefined);
      return (await stat(pathOf(id))).size;
    },
    read: (id: string): Promise<Buffer> => readFile(pathOf(id)),
    async remove(id: string): Promise<void> {
      await rm(`${pathOf(id)}.json`, { force: true });
      await rm(pathOf(id), { force: true });
    },
  };
}

/** Ends with the first piece that is too much. */
function upToRoom(room: number) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let taken = 0;
    for await (const piece of pieces) {
      yield piece;
      taken += piece.length;
      if (taken > room) return;
    }
  };
}

async function removeExpired(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const touched = await stat(path).catch(() => undefined);
    if (touched && touched.mtimeMs < Date.now() - lifetimeMs) await rm(path, { force: true });
  }
}
