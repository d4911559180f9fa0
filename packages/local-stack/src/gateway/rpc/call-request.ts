export const single = 'application/vnd.pgrst.object+json';

/** Which of the rows to answer; no limit is null, as to Postgres. */
export type Page = { limit: number | null; offset: number };

/** What a request that is answered here asks of the result. */
export type CallRequest = { page: Page; wantsSingle: boolean; wantsTotal: boolean };

/**
 * Reads a call of the kind answered here: `POST /rest/v1/rpc/<name>` with a JSON object, all columns and all rows or a
 * page of them.
 * @returns undefined for every other request, which is lite's
 */
export function readCall(request: Request): CallRequest | undefined {
  const url = new URL(request.url);
  const { headers } = request;
  const profile = headers.get('content-profile') ?? headers.get('accept-profile') ?? 'public';
  const accept = (headers.get('accept') ?? '*/*').split(/[,;]/)[0] ?? '';
  const prefer = headers.get('prefer') ?? '';
  const page = readPage(url.searchParams);
  const isOurs =
    request.method === 'POST' &&
    /^\/rest\/v1\/rpc\/[^/]+$/.test(url.pathname) &&
    profile === 'public' &&
    [single, '*/*', 'application/json'].includes(accept) &&
    !/params=|tx=|handling=/.test(prefer) &&
    headers.get('range') === null &&
    (headers.get('content-type') ?? 'application/json').startsWith('application/json');
  if (!isOurs || !page) return undefined;
  return { page, wantsSingle: accept === single, wantsTotal: /count=(exact|planned|estimated)/.test(prefer) };
}

/** The page of `?limit=…&offset=…`; undefined where the query asks for more than that. */
function readPage(query: URLSearchParams): Page | undefined {
  const numbers = new Map<string, number>();
  for (const [name, value] of query) {
    if (!['limit', 'offset'].includes(name) || !/^\d{1,9}$/.test(value)) return undefined;
    numbers.set(name, Number(value));
  }
  return { limit: numbers.get('limit') ?? null, offset: numbers.get('offset') ?? 0 };
}
