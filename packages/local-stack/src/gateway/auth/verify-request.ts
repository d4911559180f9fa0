import { z } from 'zod';

/** Kinds of one-time codes that lite does not know by name, and the kind whose columns it keeps them in. */
const knownAs: Record<string, string> = { invite: 'signup', email: 'magiclink' };
const bodySchema = z.looseObject({ type: z.string() });

/** Renames the kind of code in a request to `/auth/v1/verify`. */
export async function renameVerifyType(request: Request): Promise<Request> {
  const url = new URL(request.url);
  if (request.method === 'GET') {
    url.searchParams.set('type', rename(url.searchParams.get('type') ?? ''));
    return new Request(url, { headers: request.headers });
  }
  const text = await request.text();
  const body = bodySchema.safeParse(jsonOrNothing(text)).data;
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  const renamed = body ? JSON.stringify({ ...body, type: rename(body.type) }) : text;
  return new Request(url, { method: request.method, headers, body: renamed });
}

function rename(type: string): string {
  return knownAs[type] ?? type;
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
