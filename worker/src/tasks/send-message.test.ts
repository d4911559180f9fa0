import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ProviderAccount, SendOutcome, SendRequest } from '@threadline/providers';
import type { AttemptOutcome } from '../queue/outcome.ts';
import { sampleJob, silentAccount } from '../testing/fakes.ts';
import { createSendMessage } from './send-message.ts';
import type { SendMessageDeps } from './send-message.ts';

function setUp(outcome: SendOutcome, changes: Partial<SendMessageDeps> = {}) {
  const requests: SendRequest[] = [];
  const settled: AttemptOutcome[] = [];
  const lines: string[] = [];
  const account: ProviderAccount = {
    ...silentAccount,
    send: async (request) => {
      requests.push(request);
      return outcome;
    },
  };
  const send = createSendMessage({
    accounts: new Map([['main', account]]),
    circuits: { run: (_call, send) => send() },
    http: async () => {
      throw new Error('the account is a fake');
    },
    publicWebhookBase: 'https://x.example/functions/v1',
    signMediaUrls: async (paths) => paths.map((path) => `https://store.example/${path}?token=t`),
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    observer: {
      callStarted: () => undefined,
      callEnded: () => undefined,
      settled: (item) => void settled.push(item),
    },
    ...changes,
  });
  return { send, requests, settled, lines };
}

const accepted: SendOutcome = {
  kind: 'accepted',
  providerMessageId: 'SM1',
  providerStatus: 'queued',
  segments: 2,
  httpStatus: 201,
};
const still = new AbortController().signal;

describe('sending a message', () => {
  it('offers exactly what was claimed and reports what the carrier said', async () => {
    const { send, requests, settled } = setUp(accepted);
    const job = sampleJob({ from: null, messaging_service_sid: 'MG1', media_paths: ['o/m/0.jpg'] });
    expect(await send(job, still)).toEqual({
      kind: 'settled',
      outcome: {
        attempt_id: job.attempt_id,
        outcome: 'accepted',
        provider_message_id: 'SM1',
        provider_status: 'queued',
        segments: 2,
        http_status: 201,
      },
    });
    expect(requests).toMatchObject([
      {
        attemptId: job.attempt_id,
        from: null,
        senderPool: 'MG1',
        to: job.to,
        body: job.body,
        mediaUrls: ['https://store.example/o/m/0.jpg?token=t'],
        publicWebhookBase: 'https://x.example/functions/v1',
      },
    ]);
    expect(settled).toHaveLength(1);
  });

  it('asks the carrier to keep what is for later', async () => {
    const { send, requests } = setUp({ ...accepted, providerStatus: 'scheduled' });
    const scheduleAt = new Date('2026-11-21T10:00:00Z');
    await send(sampleJob({ schedule_at: scheduleAt }), still);
    await send(sampleJob(), still);
    expect(requests.map((request) => request.scheduleAt)).toEqual([scheduleAt, null]);
  });

  it('tells the database by its name that a carrier does not keep it', async () => {
    const { send } = setUp({
      kind: 'not_sent',
      code: 'schedule_not_possible',
      providerCode: '35125',
      httpStatus: 400,
      retryAfterSeconds: null,
    });
    expect(await send(sampleJob({ schedule_at: new Date() }), still)).toMatchObject({
      outcome: { outcome: 'not_sent', error_code: '35125', error_message: 'schedule_not_possible' },
    });
  });

  it('reports a refusal with its class and with words for the agent', async () => {
    const { send } = setUp({
      kind: 'not_sent',
      code: 'recipient_opted_out',
      providerCode: '21610',
      httpStatus: 400,
      retryAfterSeconds: null,
    });
    expect(await send(sampleJob(), still)).toMatchObject({
      outcome: {
        outcome: 'not_sent',
        error_code: '21610',
        error_class: 'opted_out',
        error_message: 'recipient_opted_out',
        error_text: 'This person has opted out.',
      },
    });
  });

  it('reports what cannot be known as unknown', async () => {
    const { send } = setUp({ kind: 'unknown', code: 'no_answer', httpStatus: null });
    expect(await send(sampleJob(), still)).toMatchObject({
      outcome: { outcome: 'unknown', error_code: 'no_answer' },
    });
  });

  it('calls nobody when there are no credentials, or only another carrier’s, and raises the alarm', async () => {
    for (const job of [sampleJob({ credentials_ref: 'gone' }), sampleJob({ provider: 'another' })]) {
      const { send, requests, lines } = setUp(accepted);
      expect(await send(job, still)).toMatchObject({
        outcome: { outcome: 'later', error_class: 'account', error_code: 'credentials_missing' },
      });
      expect(requests).toEqual([]);
      expect(lines.join()).toContain('"alert":true');
    }
  });

  it('sends nothing without its pictures', async () => {
    const { send, requests } = setUp(accepted, {
      signMediaUrls: async () => {
        throw new Error('storage is away');
      },
    });
    expect(await send(sampleJob({ media_paths: ['a'] }), still)).toMatchObject({
      outcome: { outcome: 'not_sent', error_class: 'retryable', error_code: 'attachment_unavailable' },
    });
    expect(requests).toEqual([]);
  });

  it('gives the job back when it is stopped before anything was written', async () => {
    const early = setUp(accepted);
    const job = sampleJob();
    expect(await early.send(job, AbortSignal.abort())).toEqual({
      kind: 'released',
      attemptId: job.attempt_id,
    });
    expect(early.requests).toEqual([]);
    const late = setUp({
      kind: 'not_sent',
      code: 'stopped_before_sending',
      providerCode: null,
      httpStatus: null,
      retryAfterSeconds: null,
    });
    expect(await late.send(job, still)).toEqual({ kind: 'released', attemptId: job.attempt_id });
  });

  it('logs ids and a masked number, and never the text or the number', async () => {
    const { send, lines } = setUp(accepted);
    const job = sampleJob();
    await send(job, still);
    const text = lines.join();
    for (const id of [job.organization_id, job.message_id, job.job_id, job.attempt_id, 'SM1'])
      expect(text).toContain(id);
    for (const secret of [job.body, job.to, job.from ?? '-', 'token=t']) expect(text).not.toContain(secret);
  });
});
