import { describe, expect, it } from 'vitest';
import { cannedCarrier } from './contract/carriers.ts';
import { describeInboundLog } from './contract/inbound-log.ts';
import type { InboundLogSamples } from './contract/inbound-log.ts';
import { describeLookingUp } from './contract/looking-up.ts';
import type { LookUpSample } from './contract/looking-up.ts';
import { describeReadingStatus } from './contract/reading-status.ts';
import type { StatusSample } from './contract/reading-status.ts';
import { describeScheduling } from './contract/scheduling.ts';
import type { CancelSample } from './contract/scheduling.ts';
import { HttpFailure } from './http-client.ts';
import type { HttpReply, HttpRequest } from './http-client.ts';
import { openWebhook } from './open-webhook.ts';
import { CredentialProblem } from './provider.ts';
import type {
  Provider,
  ProviderAccount,
  SendOutcome,
  SendRequest,
  WebhookEvent,
  WebhookRequest,
} from './provider.ts';
import type { ScheduleWindow } from './schedule-window.ts';
import type { Settings } from './settings.ts';

export { cannedCarrier } from './contract/carriers.ts';

/** What an adapter brings to the suite: its own samples, in rows. */
export interface ProviderSamples {
  readonly provider: Provider;
  readonly settings: Settings;
  /** The time at which the samples were signed and sent, in milliseconds since the epoch. */
  readonly now: number;
  /** Every secret in `settings`, and anything derived from one that a request carries. */
  readonly secrets: readonly string[];
  readonly badSettings: readonly {
    readonly label: string;
    readonly settings: Settings;
    readonly names: string;
  }[];
  readonly sends: readonly {
    readonly label: string;
    readonly request?: Partial<SendRequest>;
    readonly reply: HttpReply;
    readonly outcome: Partial<SendOutcome>;
    /** What the carrier must have been asked. */
    readonly asks?: (request: HttpRequest) => void;
  }[];
  /** An answer that means the message was taken. */
  readonly acceptedReply: HttpReply;
  readonly webhooks: readonly {
    readonly label: string;
    readonly request: WebhookRequest;
    readonly event: Partial<WebhookEvent>;
    readonly answer: { readonly status: number; readonly body: string | null };
  }[];
  /** What a message needs so that the carrier may schedule it, and how far ahead it may. */
  readonly scheduling: { readonly request: Partial<SendRequest>; readonly window: ScheduleWindow };
  readonly cancels: readonly CancelSample[];
  readonly lookUps: readonly LookUpSample[];
  /** An answer that says: nothing of this kind was ever sent. */
  readonly emptyLogReply: HttpReply;
  /** The message whose status is asked for, and what its carrier may answer. */
  readonly statusOf: string;
  readonly statuses: readonly StatusSample[];
  readonly inboundLog: InboundLogSamples;
  /** Puts a genuine signature on a webhook, as the carrier would with this account's key. */
  sign(request: WebhookRequest): Promise<WebhookRequest>;
  readonly unsignedHeaderName: string;
  /** Where a create asked the carrier to report to, as the carrier will request it. */
  callbackAddress(request: HttpRequest | undefined): string;
}

export const sampleSend: SendRequest = {
  attemptId: '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90',
  from: '+17735550002',
  to: '+13125550001',
  body: 'Hello, café 😀 & more + plus',
  senderPool: null,
  mediaUrls: [],
  publicWebhookBase: 'https://abcdefgh.supabase.co/functions/v1',
  timeoutMs: 15_000,
};

/** The rules every carrier's adapter keeps. Call once per adapter, from its own test file. */
export function describeProviderContract(samples: ProviderSamples): void {
  const account = samples.provider.openAccount(samples.settings, () => samples.now);
  describe(`provider contract: ${samples.provider.name}`, () => {
    describeSettings(samples, account);
    describeSending(samples, account);
    describeUncertainty(account, samples.acceptedReply);
    describeRefusals(samples, account);
    describeScheduling({ ...samples, account, sampleSend });
    describeLookingUp({ ...samples, account, sampleSend });
    describeReadingStatus({ ...samples, account });
    describeInboundLog({ ...samples, account });
    describeVerifying(samples, account);
    describeReading(samples, account);
  });
}

function describeSettings(samples: ProviderSamples, account: ProviderAccount): void {
  it('says how redelivery is switched on', () => {
    expect(samples.provider.redelivery).not.toBe('');
  });

  it('shows no secret when an account is printed', () => {
    for (const secret of samples.secrets) expect(JSON.stringify(account)).not.toContain(secret);
  });

  it.each(samples.badSettings)(
    'refuses settings with $label, naming the setting and no value',
    ({ settings, names }) => {
      let problem: unknown;
      try {
        samples.provider.openAccount(settings);
      } catch (thrown) {
        problem = thrown;
      }
      expect(problem).toBeInstanceOf(CredentialProblem);
      expect(String(problem)).toContain(names);
      for (const secret of samples.secrets) expect(String(problem)).not.toContain(secret);
    },
  );

  it('hands its credentials to its own host only when media is fetched', () => {
    expect(account.mediaHeaders('https://storage.example.com/file')).toEqual({});
    expect(account.mediaHeaders('not a url')).toEqual({});
  });
}

function describeSending(samples: ProviderSamples, account: ProviderAccount): void {
  it.each(samples.sends)('send: $label', async ({ request, reply, outcome, asks }) => {
    const carrier = cannedCarrier(reply);
    const actual = await account.send({ ...sampleSend, ...request }, carrier.http);
    expect(actual).toMatchObject(outcome);
    expect(carrier.requests).toHaveLength(1);
    for (const asked of carrier.requests) asks?.(asked);
  });

  it('gives the carrier a callback address that names the attempt', async () => {
    const carrier = cannedCarrier(samples.acceptedReply);
    await account.send(sampleSend, carrier.http);
    const request = carrier.requests[0];
    expect(decodeURIComponent(request?.body ?? '')).toContain(sampleSend.attemptId);
    expect(request?.timeoutMs).toBe(sampleSend.timeoutMs);
  });

  it('keeps secrets, recipients and texts out of URLs and outcomes', async () => {
    const carrier = cannedCarrier({
      status: 400,
      headers: {},
      text: JSON.stringify({ code: 1, message: `${sampleSend.to} ${sampleSend.body}` }),
    });
    const outcome = await account.send(sampleSend, carrier.http);
    const shown = JSON.stringify(outcome) + (carrier.requests[0]?.url ?? '');
    for (const secret of [...samples.secrets, sampleSend.to, sampleSend.body])
      expect(shown).not.toContain(secret);
  });
}

function describeUncertainty(account: ProviderAccount, acceptedReply: HttpReply): void {
  const send = (answer: HttpReply | Error) => account.send(sampleSend, cannedCarrier(answer).http);

  it.each(['connect', 'timeout', 'broken'] as const)(
    'a failure (%s) before the first byte is certainly not sent and may be repeated',
    async (reason) => {
      const outcome = await send(new HttpFailure({ requestWritten: false, reason }));
      expect(outcome).toMatchObject({ kind: 'not_sent', code: 'provider_unreachable' });
    },
  );

  it('an interruption before the first byte is told apart, so that the attempt can be given back', async () => {
    const outcome = await send(new HttpFailure({ requestWritten: false, reason: 'aborted' }));
    expect(outcome).toMatchObject({ kind: 'not_sent', code: 'stopped_before_sending' });
  });

  it.each(['timeout', 'broken', 'aborted'] as const)(
    'a failure (%s) after writing began is unknown',
    async (reason) => {
      expect(await send(new HttpFailure({ requestWritten: true, reason }))).toMatchObject({
        kind: 'unknown',
      });
    },
  );

  it('an error of a kind nobody foresaw is unknown', async () => {
    expect(await send(new TypeError('unforeseen'))).toMatchObject({ kind: 'unknown' });
  });

  it.each([500, 502, 503, 504, 302])('status %i is unknown, whatever the body says', async (status) => {
    const { text } = acceptedReply;
    expect(await send({ status, headers: {}, text })).toMatchObject({ kind: 'unknown', httpStatus: status });
  });

  it.each(['', '<html>ok</html>', '{}', '[]', 'null', '{"sid":""}', acceptedReply.text.slice(0, -1)])(
    'a success that names no message is unknown (%j)',
    async (text) => {
      const outcome = await send({ status: 201, headers: {}, text });
      expect(outcome).toMatchObject({ kind: 'unknown', code: 'unreadable_answer' });
    },
  );
}

function describeRefusals(samples: ProviderSamples, account: ProviderAccount): void {
  const send = (reply: HttpReply) => account.send(sampleSend, cannedCarrier(reply).http);

  it.each(['', '<html>Too many requests</html>', '{}'])(
    '429 is later, even with the body %j',
    async (text) => {
      expect(await send({ status: 429, headers: {}, text })).toMatchObject({
        kind: 'later',
        code: 'throttled',
      });
    },
  );

  it.each([
    ['7', 7],
    ['0', 0],
    ['99999999', 86_400],
  ])('Retry-After of %s seconds is honoured, within a day', async (header, expected) => {
    const outcome = await send({ status: 429, headers: { 'retry-after': header }, text: '' });
    expect(outcome).toMatchObject({ kind: 'later', retryAfterSeconds: expected });
  });

  it('reads a Retry-After given as a date', async () => {
    const inAnHour = new Date(samples.now + 3_600_000).toUTCString();
    const past = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const wait = async (date: string) => {
      const outcome = await send({ status: 429, headers: { 'retry-after': date }, text: '' });
      return outcome.kind === 'later' ? outcome.retryAfterSeconds : null;
    };
    expect(await wait(inAnHour)).toBe(3600);
    expect(await wait(past)).toBe(0);
  });

  it.each(['soon', '-5', ''])('a senseless Retry-After (%j) is ignored', async (header) => {
    const outcome = await send({ status: 429, headers: { 'retry-after': header }, text: '' });
    expect(outcome).toMatchObject({ retryAfterSeconds: null });
  });

  it.each([408, 499])('%i from something that is not the carrier is unknown', async (status) => {
    expect(await send({ status, headers: {}, text: '<html></html>' })).toMatchObject({ kind: 'unknown' });
  });

  it.each([400, 404, 413])('%i without a code is certainly not sent', async (status) => {
    const outcome = await send({ status, headers: {}, text: '<html></html>' });
    expect(outcome).toMatchObject({ kind: 'not_sent', code: 'rejected', providerCode: null });
  });
}

function describeVerifying(samples: ProviderSamples, account: ProviderAccount): void {
  describe.each(samples.webhooks)('verify: $label', ({ request }) => {
    it('is valid as the carrier signed it', async () => {
      expect(await account.verify(await samples.sign(request))).toBe('valid');
    });

    it('is invalid when one byte of the body changed', async () => {
      const signed = await samples.sign(request);
      const rawBody = signed.rawBody.slice();
      const last = rawBody.length - 1;
      rawBody[last] = (rawBody[last] ?? 0) ^ 1;
      expect(await account.verify({ ...signed, rawBody })).toBe('invalid');
    });

    it('is invalid when something was added to the body', async () => {
      const signed = await samples.sign(request);
      const rawBody = new Uint8Array([...signed.rawBody, ...new TextEncoder().encode('&Extra=1')]);
      expect(await account.verify({ ...signed, rawBody })).toBe('invalid');
    });

    it('is missing without a signature, and invalid with one cut short', async () => {
      const signed = await samples.sign(request);
      const name = samples.unsignedHeaderName;
      const without = new Headers(signed.headers);
      without.delete(name);
      expect(await account.verify({ ...signed, headers: without })).toBe('missing');
      const cut = new Headers(signed.headers);
      cut.set(name, (signed.headers.get(name) ?? '').slice(0, -1));
      expect(await account.verify({ ...signed, headers: cut })).toBe('invalid');
    });
  });
}

function describeReading(samples: ProviderSamples, account: ProviderAccount): void {
  const open = async (request: WebhookRequest) =>
    openWebhook(samples.provider, [account], await samples.sign(request));

  it.each(samples.webhooks)('open: $label', async ({ request, event, answer }) => {
    const opened = await open(request);
    expect(opened).toMatchObject({ kind: 'authentic', event });
    if (opened.kind !== 'authentic') return;
    expect(opened.account).toBe(account);
    expect(samples.provider.acknowledge(opened.event)).toMatchObject(answer);
  });

  it.each(samples.webhooks)('names no attempt before the signature is proven: $label', ({ request }) => {
    const reading = samples.provider.readWebhook(request);
    expect(reading.ok).toBe(true);
    if (reading.ok && reading.event.kind === 'delivery') expect(reading.event.attemptId).toBeNull();
  });

  it.each(samples.webhooks)('stores no person beside the event: $label', ({ request }) => {
    const reading = samples.provider.readWebhook(request);
    if (!reading.ok || reading.event.kind === 'unrecognized') return;
    const details = JSON.stringify(reading.event.details);
    expect(details).not.toMatch(/\+\d{7,}/);
    if (reading.event.kind === 'inbound' && reading.event.body.length > 4) {
      expect(details).not.toContain(reading.event.body);
    }
  });

  it('believes no attempt that this account did not name', async () => {
    const carrier = cannedCarrier(samples.acceptedReply);
    await account.send(sampleSend, carrier.http);
    const address = samples.callbackAddress(carrier.requests[0]);
    const report = samples.webhooks.find(({ event }) => event.kind === 'delivery');
    if (report === undefined) throw new Error('the samples have no delivery report');
    const attemptOf = async (url: string) => {
      const opened = await open({ ...report.request, url });
      return opened.kind === 'authentic' && opened.event.kind === 'delivery' ? opened.event.attemptId : null;
    };
    expect(await attemptOf(address)).toBe(sampleSend.attemptId);
    expect(await attemptOf(address.split('?', 1)[0] ?? '')).toBeNull();
  });
}
