import { describe, expect, it } from 'vitest';
import { HttpFailure } from './http-client.ts';
import type { HttpClient, HttpReply, HttpRequest } from './http-client.ts';
import { CredentialProblem } from './provider.ts';
import type {
  Provider,
  ProviderAccount,
  SendOutcome,
  SendRequest,
  WebhookEvent,
  WebhookRequest,
} from './provider.ts';

type Settings = Readonly<Record<string, unknown>>;

/** What an adapter brings to the suite: its own samples, in rows. */
export interface ProviderSamples {
  readonly provider: Provider;
  readonly settings: Settings;
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
  /** Puts a genuine signature on a webhook, as the carrier would with this account's key. */
  sign(request: WebhookRequest): Promise<WebhookRequest>;
  readonly unsignedHeaderName: string;
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

/** A carrier that answers as told and remembers what it was asked. */
export function cannedCarrier(answer: HttpReply | Error): { http: HttpClient; requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http: HttpClient = (request) => {
    requests.push(request);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { http, requests };
}

/** The rules every carrier's adapter keeps. Call once per adapter, from its own test file. */
export function describeProviderContract(samples: ProviderSamples): void {
  const account = samples.provider.openAccount(samples.settings);
  describe(`provider contract: ${samples.provider.name}`, () => {
    describeSettings(samples, account);
    describeSending(samples, account);
    describeUncertainty(account, samples.acceptedReply);
    describeRefusals(account);
    describeVerifying(samples, account);
    describeReading(samples);
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

function describeRefusals(account: ProviderAccount): void {
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
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const past = 'Wed, 21 Oct 2015 07:28:00 GMT';
    const wait = async (date: string) => {
      const outcome = await send({ status: 429, headers: { 'retry-after': date }, text: '' });
      return outcome.kind === 'later' ? outcome.retryAfterSeconds : null;
    };
    expect(await wait(inAnHour)).toBeGreaterThan(3000);
    expect(await wait(inAnHour)).toBeLessThanOrEqual(3600);
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

function describeReading(samples: ProviderSamples): void {
  it.each(samples.webhooks)('read: $label', ({ request, event, answer }) => {
    const reading = samples.provider.readWebhook(request);
    expect(reading).toMatchObject({ ok: true, accountRef: event.accountRef, event });
    if (!reading.ok) return;
    expect(samples.provider.acknowledge(reading.event)).toMatchObject(answer);
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
}
