import twilio from 'twilio';
import { onTestFinished } from 'vitest';
import type { MessageRecord } from '../control-api.ts';
import type { InboundResult } from '../inbound-texts.ts';
import { createCarrier, type CarrierOptions } from '../carrier.ts';
import type { TwilioAccountOptions } from '../core/account.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

export const accountSid = `AC${'0'.repeat(31)}1`;
export const authToken = 'test_auth_token_0123456789abcdef';
export const business = '+13125550001';
export const secondBusiness = '+17735550002';
export const customer = '+14155550142';

/** The stock SDK, talking to another host. */
class RedirectedClient extends twilio.RequestClient {
  readonly #base: string;

  constructor(base: string) {
    super({ timeout: 5000 });
    this.#base = base;
  }

  override request: twilio.RequestClient['request'] = (options) =>
    super.request({ ...options, uri: options.uri.replace('https://api.twilio.com', this.#base) });
}

export interface ControlAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface Fixture {
  carrier: ReturnType<typeof createCarrier>;
  url: string;
  webhook: WebhookReceiver;
  /** Status callback address at the receiver. */
  callbackUrl: string;
  client: twilio.Twilio;
  create: (parameters?: Record<string, string | string[]>) => Promise<Response>;
  control: (method: string, path: string, body?: unknown) => Promise<ControlAnswer>;
  /** What the carrier accepted, as `GET /control/messages` tells it. */
  messages: (query?: string) => Promise<MessageRecord[]>;
  text: (body: string, more?: object) => Promise<InboundResult>;
}

/** A carrier and a business of the test's own, gone when the test ends. */
export async function startCarrier(
  options: Partial<CarrierOptions> = {},
  account: Partial<TwilioAccountOptions> = {},
): Promise<Fixture> {
  const webhook = await new WebhookReceiver().start();
  const carrier = createCarrier({
    accounts: [
      {
        accountSid,
        authToken,
        numbers: [
          { phoneNumber: business, label: 'Harbor Dental' },
          { phoneNumber: secondBusiness, label: 'Lakeside' },
        ],
        inboundWebhookUrl: `${webhook.base}/inbound?tenant=1`,
        ...account,
      },
    ],
    timings: { chooseMs: 1, sendMs: 5, receiptMs: 10 },
    callbackRetryMs: 5,
    ...options,
  });
  const url = await carrier.listen();
  const control: Fixture['control'] = (method, path, body) =>
    callControl(`${url}/control${path}`, method, body);
  onTestFinished(async () => {
    await carrier.close();
    await webhook.stop();
  });
  return {
    carrier,
    url,
    webhook,
    callbackUrl: `${webhook.base}/status?a=7f9c`,
    client: twilio(accountSid, authToken, { httpClient: new RedirectedClient(url) }),
    create: (parameters = {}) => createMessage(url, parameters),
    control,
    messages: async (query = '') =>
      (await control('GET', `/messages${query}`)).body['messages'] as MessageRecord[],
    text: async (body, more = {}) => {
      const answer = await control('POST', '/inbound', { from: customer, to: business, body, ...more });
      return answer.body as unknown as InboundResult;
    },
  };
}

export const basicAuth = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

function createMessage(url: string, parameters: Record<string, string | string[]>): Promise<Response> {
  const form = new URLSearchParams();
  const all = { To: customer, From: business, Body: 'Hello', ...parameters };
  for (const [name, value] of Object.entries(all)) {
    for (const each of [value].flat()) if (each !== '') form.append(name, each);
  }
  const address = `${url}/2010-04-01/Accounts/${accountSid}/Messages.json`;
  return fetch(address, { method: 'POST', headers: { authorization: basicAuth }, body: form });
}

async function callControl(url: string, method: string, body?: unknown): Promise<ControlAnswer> {
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
