/** All a queue message says. The job is read fresh when it is claimed, so an edit, a cancel or a STOP always wins. */
export interface JobPayload {
  v: 1;
  job_id: string;
}

export type ParsedJobPayload =
  | { ok: true; payload: JobPayload }
  | { ok: false; reason: 'not_an_object' | 'unknown_version' | 'invalid_job_id' };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads a queue message. Fields a later minor change may add are ignored; another version is refused. */
export function parseJobPayload(value: unknown): ParsedJobPayload {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: 'not_an_object' };
  }
  if (!('v' in value) || value.v !== 1) return { ok: false, reason: 'unknown_version' };
  if (!('job_id' in value) || typeof value.job_id !== 'string' || !uuid.test(value.job_id)) {
    return { ok: false, reason: 'invalid_job_id' };
  }
  return { ok: true, payload: { v: 1, job_id: value.job_id } };
}
