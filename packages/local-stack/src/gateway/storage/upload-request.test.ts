import { expect, test } from 'vitest';
import { readUpload } from './upload-request.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const named = `bucketName ${encode('shelf')},objectName ${encode('a/ü b.txt')}`;

test('an upload says what it shall become', () => {
  const metadata = `${named}, contentType ${encode('text/plain')},cacheControl ${encode('60')}`;
  const headers = new Headers({ 'upload-length': '12', 'upload-metadata': metadata, 'x-upsert': 'true' });
  expect(readUpload(headers)).toEqual({
    bucket: 'shelf',
    name: 'a/ü b.txt',
    length: 12,
    contentType: 'text/plain',
    cacheControl: '60',
    isUpsert: true,
  });
});

test('what is not said has its usual value', () => {
  expect(readUpload(new Headers({ 'upload-length': '0', 'upload-metadata': named }))).toMatchObject({
    contentType: 'application/octet-stream',
    cacheControl: '3600',
    isUpsert: false,
  });
});

test.each([
  [{}, 'Upload-Length'],
  [{ 'upload-length': '-1', 'upload-metadata': named }, 'Upload-Length'],
  [{ 'upload-length': '1' }, 'bucketName'],
  [{ 'upload-length': '1', 'upload-metadata': `bucketName ${encode('shelf')}` }, 'objectName'],
])('%j lacks something', (headers, missing) => {
  expect(readUpload(new Headers(headers as Record<string, string>))).toContain(missing);
});
