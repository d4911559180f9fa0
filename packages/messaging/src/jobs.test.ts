import { describe, expect, it } from 'vitest';
import { parseJobPayload } from './jobs.ts';

const jobId = '0198c6a1-0000-7000-8000-000000000001';

describe('parseJobPayload', () => {
  it('reads version 1', () => {
    expect(parseJobPayload({ v: 1, job_id: jobId })).toEqual({ ok: true, payload: { v: 1, job_id: jobId } });
  });

  it('passes on nothing it does not know', () => {
    expect(parseJobPayload({ v: 1, job_id: jobId, body: 'secret' })).toEqual({
      ok: true,
      payload: { v: 1, job_id: jobId },
    });
  });

  it.each([
    [null, 'not_an_object'],
    ['{}', 'not_an_object'],
    [[], 'not_an_object'],
    [{}, 'unknown_version'],
    [{ v: 2, job_id: jobId }, 'unknown_version'],
    [{ v: '1', job_id: jobId }, 'unknown_version'],
    [{ v: 1 }, 'invalid_job_id'],
    [{ v: 1, job_id: 7 }, 'invalid_job_id'],
    [{ v: 1, job_id: `${jobId} ` }, 'invalid_job_id'],
  ])('refuses %j: %s', (value, reason) => {
    expect(parseJobPayload(value)).toEqual({ ok: false, reason });
  });
});
