import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderAccount } from '@threadline/providers';
import type { ClaimedMedia } from '../queue/shapes.ts';
import { silentAccount, silentLog } from '../testing/fakes.ts';
import { createCopyMedia, LARGEST_MEDIA_BYTES } from './copy-media.ts';
import { sniffMediaType } from './sniff-media-type.ts';

const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
const servers: Server[] = [];
const still = new AbortController().signal;

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function setUp(carrierOrigin: string, upload: (path: string, bytes: Uint8Array) => void = () => undefined) {
  const uploads: unknown[] = [];
  const account: ProviderAccount = {
    ...silentAccount,
    mediaHeaders: (url) => (new URL(url).origin === carrierOrigin ? { authorization: 'Basic secret' } : {}),
  };
  const copy = createCopyMedia({
    accounts: new Map([['main', account]]),
    store: {
      upload: async (path, bytes, contentType) => {
        upload(path, bytes);
        uploads.push([path, contentType, bytes.byteLength]);
      },
    },
    log: silentLog,
  });
  return { copy, uploads };
}

function media(url: string | null, changes: Partial<ClaimedMedia> = {}): ClaimedMedia {
  return {
    media_id: 'media-1',
    organization_id: 'org-1',
    message_id: 'message-1',
    position: 1,
    credentials_ref: 'main',
    provider_url: url,
    ...changes,
  };
}

describe('copying a picture', () => {
  it('stores it under its organization and message, as what it is and not as what it says it is', async () => {
    const origin = await serve((_request, response) =>
      response.setHeader('content-type', 'text/html').end(jpeg),
    );
    const { copy, uploads } = setUp(origin);
    expect(await copy(media(`${origin}/ME1`), still)).toMatchObject({
      status: 'stored',
      storagePath: 'org-1/message-1/1.jpg',
      contentType: 'image/jpeg',
      sizeBytes: jpeg.byteLength,
    });
    expect(uploads).toEqual([['org-1/message-1/1.jpg', 'image/jpeg', jpeg.byteLength]]);
  });

  it('signs in at the carrier and not at the store it is sent on to', async () => {
    const seen: (string | undefined)[] = [];
    const store = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(jpeg);
    });
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${store}/signed` }).end();
    });
    const { copy } = setUp(origin);
    expect(await copy(media(`${origin}/ME1`), still)).toMatchObject({ status: 'stored' });
    expect(seen).toEqual(['Basic secret', undefined]);
  });

  it.each([
    ['nothing at the address', 404, 'retry', 'status_404'],
    ['a sign-in that fails', 401, 'retry', 'status_401'],
    ['a carrier that is down', 503, 'retry', 'status_503'],
    ['a picture that is gone', 410, 'failed', 'status_410'],
  ])('%s (%i): %s', async (_label, status, expected, reason) => {
    const origin = await serve((_request, response) => response.writeHead(status).end('no'));
    expect(await setUp(origin).copy(media(origin), still)).toMatchObject({ status: expected, reason });
  });

  it('fails for good on a type that is not on the list', async () => {
    const origin = await serve((_request, response) => {
      response.setHeader('content-type', 'image/png').end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    });
    const { copy, uploads } = setUp(origin);
    expect(await copy(media(origin), still)).toMatchObject({ status: 'failed', reason: 'type_not_allowed' });
    expect(uploads).toEqual([]);
  });

  it('fails for good on a picture over the limit, without reading all of it', async () => {
    const origin = await serve((_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, jpeg);
      const more = () => response.write(chunk, (error) => (error == null ? more() : undefined));
      more();
    });
    const { copy, uploads } = setUp(origin);
    expect(await copy(media(origin), still)).toMatchObject({ status: 'failed', reason: 'too_large' });
    expect(uploads).toEqual([]);
  });

  it('takes a picture exactly at the limit', async () => {
    const origin = await serve((_request, response) => {
      response.write(jpeg);
      response.end(Buffer.alloc(LARGEST_MEDIA_BYTES - jpeg.byteLength));
    });
    expect(await setUp(origin).copy(media(origin), still)).toMatchObject({ sizeBytes: LARGEST_MEDIA_BYTES });
  });

  it('fails for good on an endless chain of redirects, and on an address that is none', async () => {
    const origin = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await setUp(origin).copy(media(origin), still)).toMatchObject({ reason: 'too_many_redirects' });
    expect(await setUp(origin).copy(media('file:///etc/passwd'), still)).toMatchObject({
      status: 'failed',
      reason: 'bad_address',
    });
    expect(await setUp(origin).copy(media(null), still)).toMatchObject({
      status: 'failed',
      reason: 'no_address',
    });
  });

  it('tries again later when storage or the carrier cannot be reached, or credentials are missing', async () => {
    const origin = await serve((_request, response) => response.end(jpeg));
    const noStore = setUp(origin, () => {
      throw new Error('storage is away');
    });
    expect(await noStore.copy(media(origin), still)).toMatchObject({ status: 'retry', reason: 'unexpected' });
    const unreachable = media('http://127.0.0.1:1/');
    expect(await setUp(origin).copy(unreachable, still)).toMatchObject({
      status: 'retry',
      reason: 'no_answer',
    });
    const stranger = media(origin, { credentials_ref: 'gone' });
    expect(await setUp(origin).copy(stranger, still)).toMatchObject({
      status: 'retry',
      reason: 'credentials_missing',
    });
  });
});

describe('sniffMediaType', () => {
  it.each([
    ['89504e470d0a1a0a0000', 'image/png'],
    ['474946383961', 'image/gif'],
    ['524946460000000057454250', 'image/webp'],
    ['524946460000000057415645', 'audio/wav'],
    ['000000186674797068656963', 'image/heic'],
    ['000000206674797069736f6d', 'video/mp4'],
    ['0000001466747970336770350000', 'video/3gpp'],
    ['2321414d520a', 'audio/amr'],
    ['255044462d312e34', 'application/pdf'],
    ['424547494e3a56434152440d0a', 'text/vcard'],
  ])('knows %s as %s', (hex, contentType) => {
    expect(sniffMediaType(Buffer.from(hex, 'hex'))).toMatchObject({ contentType });
  });

  it.each(['', 'ff', '3c68746d6c3e', '3c737667', '3c3f786d6c', '504b0304', '4d5a', '7f454c46', '2321'])(
    'knows nothing of %j',
    (hex) => {
      expect(sniffMediaType(Buffer.from(hex, 'hex'))).toBeNull();
    },
  );
});
