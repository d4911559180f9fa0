import { z } from 'zod';

const errorSchema = z.looseObject({ statusCode: z.string(), error: z.string(), message: z.string() });

/** The codes storage-js decides by (supabase/storage `ErrorCode`), by what lite says. */
const codes: readonly (readonly [statusCode: string, message: RegExp, code: string])[] = [
  ['404', /bucket/i, 'NoSuchBucket'],
  ['404', /./, 'NoSuchKey'],
  ['409', /already exists/, 'ResourceAlreadyExists'],
  ['413', /./, 'EntityTooLarge'],
  ['415', /./, 'InvalidMimeType'],
  ['403', /./, 'AccessDenied'],
  ['401', /./, 'InvalidJWT'],
  ['400', /object key/i, 'InvalidKey'],
];

/** Adds the code that hosted Storage puts into its errors and lite leaves out. */
export async function withErrorCode(response: Response): Promise<Response> {
  if (response.ok || !response.headers.get('content-type')?.includes('json')) return response;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const body: unknown = await response.json();
  const known = errorSchema.safeParse(body).data;
  const code =
    known && codes.find(([status, text]) => status === known.statusCode && text.test(known.message))?.[2];
  const worded = code === undefined ? body : { ...known, message: plainMessage(known?.message ?? ''), code };
  return new Response(JSON.stringify(worded), { status: response.status, headers });
}

/** Hosted Storage does not say what a bucket takes instead. */
function plainMessage(message: string): string {
  return message
    .replace(/^(mime type .+ is not supported)\. Supported: .*$/, '$1')
    .replace(/^(The object exceeded the maximum allowed size) of \d+ bytes$/, '$1');
}
