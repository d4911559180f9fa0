import { z } from 'zod';

const limitSchema = z.looseObject({ file_size_limit: z.union([z.string(), z.number()]).nullish() });
const bucketsSchema = z.array(z.looseObject({ id: z.string(), name: z.string() }));
const units: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** A bucket's limit may be written as `20mb`; lite takes bytes only. */
export async function withLimitInBytes(request: Request): Promise<Request> {
  const text = await request.text();
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request.url, { method: request.method, headers, body: limitInBytes(text) });
}

export function limitInBytes(text: string): string {
  const body = limitSchema.safeParse(jsonOrNothing(text)).data;
  if (typeof body?.file_size_limit !== 'string') return text;
  const match = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)?$/i.exec(body.file_size_limit.trim());
  const unit = units[(match?.[2] ?? 'b').toLowerCase()];
  if (!match || unit === undefined) return text;
  return JSON.stringify({ ...body, file_size_limit: Math.round(Number(match[1]) * unit) });
}

/** Chooses, sorts and pages the list of buckets, which lite always answers whole. */
export async function chooseBuckets(query: URLSearchParams, whole: Response): Promise<Response> {
  if (!whole.ok) return whole;
  const buckets = bucketsSchema.parse(await whole.json());
  const search = (query.get('search') ?? '').toLowerCase();
  const column = query.get('sortColumn') ?? 'id';
  const direction = query.get('sortOrder') === 'desc' ? -1 : 1;
  const keyOf = (bucket: Record<string, unknown>): string => {
    const value = bucket[column];
    return typeof value === 'string' ? value : '';
  };
  const chosen = buckets.filter(({ name }) => name.toLowerCase().includes(search));
  if (query.has('sortColumn') || query.has('sortOrder')) {
    chosen.sort((a, b) => direction * (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  }
  const offset = Number(query.get('offset') ?? 0);
  const limit = query.has('limit') ? Number(query.get('limit')) : chosen.length;
  return Response.json(chosen.slice(offset, offset + limit));
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
