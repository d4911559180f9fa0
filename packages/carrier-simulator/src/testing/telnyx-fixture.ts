import Telnyx from 'telnyx';
import { onTestFinished } from 'vitest';
import { createCarrier, type CarrierOptions } from '../carrier.ts';
import type { MessageRecord } from '../control-api.ts';
import type { TelnyxAccountOptions } from '../core/account.ts';
import type { InboundResult } from '../inbound-texts.ts';
import { publicKeyOf } from '../telnyx/signature.ts';
import { accountSid, authToken, business as twilioBusiness, customer } from './carrier-fixture.ts';
import { WebhookReceiver, type ReceivedWebhook } from './webhook-receiver.ts';

export const accountRef = 'telnyx-main';
export const apiKey = 'KEY0123456789ABCDEF_simulatedSimulatedSimu';
export const privateKey = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)).toString('base64');
export const publicKey = publicKeyOf(privateKey);
export const messagingProfileId = '740572b6-099c-44a1-89b9-6c92163bc68d';
export const business = '+13125550111';
export const secondBusiness = '+17735550112';
export { customer, twilioBusiness };

export interface TelnyxEvent {
  data: {
    id: string;
    event_type: string;
    occurred_at: string;
    payload: Record<string, unknown> & {
      id: string;
      to: { phone_number: string; status: string }[];
      errors: { code: string; title: string }[];
    };
  };
  meta: { attempt: number; delivered_to: string };
}

/** The stock SDK at another address, doing as it is told and no more. */
export function telnyxClient(url: string, key: string = apiKey): Telnyx {
  return new Telnyx({ apiKey: key, publicKey, baseURL: `${url}/v2`, maxRetries: 0, timeout: 5000 });
}

export function eventOf(webhook: ReceivedWebhook | undefined): TelnyxEvent {
  return JSON.parse(webhook?.body ?? '') as TelnyxEvent;
}

/** A carrier with an account of each kind, and the business behind both of them; gone when the test ends. */
export async function startBothCarriers(
  options: Partial<CarrierOptions> = {},
  account: Partial<TelnyxAccountOptions> = {},
) {
  const webhook = await new WebhookReceiver().start();
  webhook.answer = () => ({ status: 200 });
  const carrier = createCarrier({
    accounts: [
      {
        accountSid,
        authToken,
        numbers: [{ phoneNumber: twilioBusiness, label: 'Harbor Dental' }],
        inboundWebhookUrl: `${webhook.base}/twilio`,
      },
      {
        provider: 'telnyx',
        accountRef,
        apiKey,
        privateKey,
        messagingProfileId,
        numbers: [
          { phoneNumber: business, label: 'Lakeside' },
          { phoneNumber: secondBusiness, label: 'Riverside' },
        ],
        inboundWebhookUrl: `${webhook.base}/telnyx`,
        ...account,
      },
    ],
    timings: { chooseMs: 1, sendMs: 5, receiptMs: 10 },
    callbackRetryMs: 5,
    ...options,
  });
  const url = await carrier.listen();
  onTestFinished(async () => {
    await carrier.close();
    await webhook.stop();
  });
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  return {
    url,
    webhook,
    client: telnyxClient(url),
    callbackUrl: `${webhook.base}/status?a=7f9c&h=seal`,
    control,
    messages: async (query = '') =>
      (await control('GET', `/messages${query}`))['messages'] as MessageRecord[],
    text: async (body: string, more: object = {}) =>
      (await control('POST', '/inbound', {
        from: customer,
        to: business,
        body,
        ...more,
      })) as unknown as InboundResult,
    /** Posts a message without the SDK. */
    create: (parameters: Readonly<Record<string, unknown>> = {}, key = apiKey) =>
      fetch(`${url}/v2/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ to: customer, from: business, text: 'Hello', ...parameters }),
      }),
  };
}
