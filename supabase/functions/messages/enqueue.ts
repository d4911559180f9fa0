import type { Database, EnqueueResult, Identity, WireJob } from './database.ts';
import { problemResponse, refusalResponse } from './problem.ts';
import { describe, fieldProblems, readAs } from './request-body.ts';
import { messageList, messageRequest } from './schemas.ts';
import type { ListEntry } from './schemas.ts';

/** The longest key, and what a place in a list adds to it. */
const MAX_KEY_LENGTH = 200;
const MAX_LIST_KEY_LENGTH = 190;

type KeyReading =
  { readonly ok: true; readonly key: string | null } | { readonly ok: false; readonly response: Response };

/** `Idempotency-Key`, with or without the quotes of a structured field (draft-ietf-httpapi-idempotency-key-header). */
function readIdempotencyKey(request: Request, longest: number): KeyReading {
  const header = request.headers.get('idempotency-key');
  if (header === null) return { ok: true, key: null };
  const key = /^"(?<key>.*)"$/.exec(header)?.groups?.['key'] ?? header;
  if (key.length >= 1 && key.length <= longest) return { ok: true, key };
  return { ok: false, response: problemResponse(422, `Idempotency-Key has 1 to ${longest} characters.`) };
}

export async function enqueueOne(
  request: Request,
  body: unknown,
  { organization_id: organizationId }: Identity,
  database: Database,
): Promise<Response> {
  const header = readIdempotencyKey(request, MAX_KEY_LENGTH);
  if (!header.ok) return header.response;
  const message = readAs(messageRequest, body);
  if (!message.ok) return message.response;
  const given = message.value.idempotency_key;
  if (header.key !== null && given !== undefined && given !== header.key) {
    return problemResponse(422, 'Idempotency-Key and idempotency_key differ.');
  }
  const key = header.key ?? given;
  const job = key === undefined ? message.value : { ...message.value, idempotency_key: key };
  const result = await database.enqueue(organizationId, job);
  if (result.outcome === 'refused' || result.job_id === null) {
    return refusalResponse(result.code ?? 'TL002', result.message);
  }
  const isReplay = key !== undefined && isKeyReplay(result);
  return Response.json(toMessage(result), {
    status: result.outcome === 'accepted' ? 201 : 200,
    headers: {
      ...noStore,
      location: `/functions/v1/messages/${result.job_id}`,
      ...(isReplay ? { 'idempotent-replay': 'true' } : {}),
    },
  });
}

/**
 * @param spend takes so many more messages from the key's rate; a response when it has not that many left
 */
export async function enqueueList(
  request: Request,
  body: unknown,
  { organization_id: organizationId }: Identity,
  database: Database,
  spend: (count: number) => Promise<Response | null>,
): Promise<Response> {
  const header = readIdempotencyKey(request, MAX_LIST_KEY_LENGTH);
  if (!header.ok) return header.response;
  const list = readAs(messageList, body);
  if (!list.ok) return list.response;
  const { jobs, entries } = sortOut(list.value.messages, header.key);
  const refusal = jobs.length > 1 ? await spend(jobs.length - 1) : null;
  if (refusal !== null) return refusal;
  const sent =
    jobs.length === 0
      ? []
      : await database.enqueueAll(
          organizationId,
          jobs.map(({ job }) => job),
        );
  for (const [n, result] of sent.entries()) {
    const index = jobs[n]?.index;
    if (index !== undefined) entries.push(toEntry(result, index));
  }
  entries.sort((a, b) => a.index - b.index);
  const conflict =
    header.key !== null && entries.some((entry) => entry.outcome === 'refused' && entry.code === 'TL105');
  if (conflict) return refusalResponse('TL105', 'This Idempotency-Key was used with other messages.');
  const isReplay = header.key !== null && sent.length > 0 && sent.every(isKeyReplay);
  const count = (outcome: string) => entries.filter((entry) => entry.outcome === outcome).length;
  return Response.json(
    {
      accepted: count('accepted'),
      duplicates: count('duplicate'),
      refused: count('refused'),
      results: entries,
    },
    { headers: isReplay ? { ...noStore, 'idempotent-replay': 'true' } : noStore },
  );
}

const noStore = { 'cache-control': 'no-store' };

/** Found by its key; what was found by its text carries a code. */
function isKeyReplay(result: EnqueueResult): boolean {
  return result.outcome === 'duplicate' && result.code === null;
}

/** Messages that are malformed get their entry at once; the others become jobs. */
function sortOut(messages: readonly unknown[], listKey: string | null) {
  const jobs: { readonly index: number; readonly job: WireJob }[] = [];
  const entries: ListEntry[] = [];
  for (const [index, given] of messages.entries()) {
    const parsed = messageRequest.safeParse(given, { reportInput: true });
    if (!parsed.success) {
      const message = describe(fieldProblems(parsed.error));
      entries.push({ index, outcome: 'refused', code: 'invalid_input', message });
      continue;
    }
    const key = parsed.data.idempotency_key ?? (listKey === null ? undefined : `${listKey}/${index}`);
    jobs.push({ index, job: key === undefined ? parsed.data : { ...parsed.data, idempotency_key: key } });
  }
  return { jobs, entries };
}

function toEntry(result: EnqueueResult, index: number): ListEntry {
  if (result.outcome !== 'refused' && result.job_id !== null) return { index, ...toMessage(result) };
  const message = result.message ?? 'The message was refused.';
  return { index, outcome: 'refused', code: result.code ?? 'TL002', message };
}

function toMessage(result: EnqueueResult) {
  return {
    job_id: result.job_id ?? '',
    outcome: result.outcome === 'duplicate' ? ('duplicate' as const) : ('accepted' as const),
    status: result.status ?? 'queued',
    due_at: result.due_at,
    hold_reason: result.hold_reason,
  };
}
