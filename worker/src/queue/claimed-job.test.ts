import { describe, expect, it } from 'vitest';
import { ClaimProblem, isWorded, parseClaimedJob } from './claimed-job.ts';

/** As worker.claim answers. */
const row = {
  job_id: 'j',
  attempt_id: 'a',
  message_id: 'm',
  organization_id: 'o',
  thread_id: 't',
  provider_account_id: 'p',
  provider: 'twilio',
  account_ref: 'AC1',
  credentials_ref: 'main',
  from: '+17735550002',
  to: '+13125550001',
  body: 'hello',
  template: null,
  message_class: 'transactional',
  messaging_service_sid: null,
  media_paths: [],
  retry_count: 0,
  queue: 'sms_queue',
  enqueued_at: '2026-11-20T10:00:00+00:00',
  due_at: '2026-11-20T10:00:01.25+00:00',
  send_after_ms: 40,
  is_probe: false,
};
const at = { database: Date.parse('2026-11-20T10:00:03Z'), local: 7 };

describe('parsing a claimed job', () => {
  it('keeps what the worker needs, and counts waiting by the database’s clock alone', () => {
    const job = parseClaimedJob(row, at);
    expect(job).toMatchObject({ attempt_id: 'a', send_after_ms: 40, waited_seconds: 1.75, claimed_at: 7 });
    expect(isWorded(job)).toBe(true);
  });

  it('knows for when the carrier is to keep a job', () => {
    expect(parseClaimedJob(row, at).schedule_at).toBeNull();
    const scheduled = parseClaimedJob({ ...row, schedule_at: '2026-11-21T10:00:00+00:00' }, at);
    expect(scheduled.schedule_at).toEqual(new Date('2026-11-21T10:00:00Z'));
    expect(() => parseClaimedJob({ ...row, schedule_at: 'tomorrow' }, at)).toThrow(ClaimProblem);
  });

  it('knows a job whose words are still to be made', () => {
    const template = { body: 'Hi {{ name }}', variables: { name: 'Ann' } };
    const job = parseClaimedJob({ ...row, body: null, message_id: null, template }, at);
    expect(job.template).toEqual(template);
    expect(isWorded(job)).toBe(false);
  });

  it.each([
    ['attempt_id', 7],
    ['to', null],
    ['media_paths', 'o/m/0.jpg'],
    ['media_paths', [1]],
    ['send_after_ms', -1],
    ['send_after_ms', '40'],
    ['due_at', 'soon'],
    ['template', { body: 'Hi', variables: null }],
  ])('refuses %s %j and names the field', (field, value) => {
    expect(() => parseClaimedJob({ ...row, [field]: value }, at)).toThrow(new ClaimProblem(field));
  });

  it('refuses what is no job at all', () => {
    expect(() => parseClaimedJob('job', at)).toThrow(ClaimProblem);
  });
});
