import { expect } from 'vitest';
import { describeProviderContract, sampleSend } from '../contract.ts';
import type { ProviderSamples } from '../contract.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import type { WebhookRequest } from '../provider.ts';
import { twilio } from './index.ts';
import { computeSignature, formParameters } from './signature.ts';
import {
  accountSid,
  authToken,
  deliveryFormWith,
  formRequest,
  inboundForm,
  inboundFormWith,
  webhookUrl,
} from './fixtures/webhooks.ts';
import { acceptedReply, refusal, rfc9457Refusal } from './fixtures/replies.ts';

const settings = { provider: 'twilio', accountSid, authToken };

function sentForm(request: HttpRequest): Record<string, string[]> {
  const form = new URLSearchParams(request.body);
  return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
}

function row(label: string, reply: HttpReply, outcome: ProviderSamples['sends'][number]['outcome']) {
  return { label, reply, outcome };
}

async function sign(request: WebhookRequest): Promise<WebhookRequest> {
  const headers = new Headers(request.headers);
  headers.set(
    'x-twilio-signature',
    await computeSignature(authToken, request.url, formParameters(request.rawBody)),
  );
  return { ...request, headers };
}

const sends: ProviderSamples['sends'] = [
  {
    label: 'a text from one of our numbers',
    reply: acceptedReply,
    outcome: {
      kind: 'accepted',
      providerMessageId: 'SM33333333333333333333333333333333',
      providerStatus: 'queued',
      segments: 2,
      httpStatus: 201,
    },
    asks: (request) => {
      expect(request.method).toBe('POST');
      expect(request.url).toBe(`https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`);
      expect(request.headers['authorization']).toBe(`Basic ${btoa(`${accountSid}:${authToken}`)}`);
      expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
      expect(sentForm(request)).toEqual({
        To: ['+13125550001'],
        From: ['+17735550002'],
        Body: ['Hello, café 😀 & more + plus'],
        StatusCallback: [`${webhookUrl}?a=${sampleSend.attemptId}#rc=5&rp=5xx,ct,rt`],
        ValidityPeriod: ['14400'],
      });
    },
  },
  {
    label: 'two pictures and no text through a messaging service',
    request: {
      from: null,
      senderPool: 'MG1',
      body: '',
      mediaUrls: ['https://a.example/1?x=1&y=2', 'https://a.example/2'],
    },
    reply: { ...acceptedReply, text: JSON.stringify({ sid: 'MM1', status: 'accepted', num_segments: '0' }) },
    outcome: { kind: 'accepted', providerMessageId: 'MM1', providerStatus: 'accepted', segments: null },
    asks: (request) => {
      expect(sentForm(request)).toMatchObject({
        MessagingServiceSid: ['MG1'],
        MediaUrl: ['https://a.example/1?x=1&y=2', 'https://a.example/2'],
      });
      expect(sentForm(request)).not.toHaveProperty('From');
      expect(sentForm(request)).not.toHaveProperty('Body');
    },
  },
  row('bad number', refusal(400, 21211), {
    kind: 'not_sent',
    code: 'recipient_invalid',
    providerCode: '21211',
    httpStatus: 400,
  }),
  row('opted out', refusal(400, 21610), { kind: 'not_sent', code: 'recipient_opted_out' }),
  row('bad credentials', refusal(401, 20003), { kind: 'not_sent', code: 'account_unauthorized' }),
  row('throttled', refusal(429, 20429), { kind: 'later', code: 'throttled', retryAfterSeconds: null }),
  row('daily limit', refusal(429, 63038), {
    kind: 'later',
    code: 'daily_limit_reached',
    retryAfterSeconds: 3600,
  }),
  row(
    'daily limit, with a shorter wait named',
    { ...refusal(429, 63038), headers: { 'retry-after': '1' } },
    {
      retryAfterSeconds: 3600,
    },
  ),
  row('full sender queue', refusal(400, 21611), {
    kind: 'later',
    code: 'sender_backlogged',
    retryAfterSeconds: 600,
  }),
  row('too long, in the newer error shape', rfc9457Refusal(400, 21617), {
    kind: 'not_sent',
    code: 'message_too_long',
    providerCode: '21617',
  }),
  row('a code nobody has seen yet', refusal(400, 29_999), {
    kind: 'not_sent',
    code: 'rejected',
    providerCode: '29999',
  }),
  row(
    'a code that is a property of every object',
    { status: 400, headers: {}, text: '{"code":"constructor"}' },
    {
      kind: 'not_sent',
      code: 'rejected',
      providerCode: null,
    },
  ),
];

const webhooks: ProviderSamples['webhooks'] = [
  {
    label: 'a text from a customer',
    request: formRequest(inboundForm),
    event: {
      kind: 'inbound',
      accountRef: accountSid,
      eventKey: 'SM11111111111111111111111111111111',
      providerMessageId: 'SM11111111111111111111111111111111',
      from: '+13125550001',
      to: '+17735550002',
      body: 'Hello, café 😀 & more + plus',
      segments: 1,
      intent: null,
      carrierReplied: false,
      media: [],
      details: {
        ApiVersion: '2010-04-01',
        MessagingServiceSid: 'MG22222222222222222222222222222222',
        NumMedia: '0',
        NumSegments: '1',
        SmsStatus: 'received',
      },
    },
    answer: { status: 200, body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
  },
  {
    label: 'pictures with parameters Twilio added last week',
    request: formRequest(
      inboundFormWith({
        Body: '',
        NumMedia: '2',
        MediaUrl0: 'https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME0',
        MediaContentType0: 'image/jpeg',
        MediaUrl1: 'https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME1',
        Novelty: '+13125550001',
      }),
    ),
    event: {
      kind: 'inbound',
      accountRef: accountSid,
      body: '',
      media: [
        {
          url: 'https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME0',
          contentType: 'image/jpeg',
        },
        { url: 'https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME1', contentType: null },
      ],
      details: {
        ApiVersion: '2010-04-01',
        MessagingServiceSid: 'MG22222222222222222222222222222222',
        NumMedia: '2',
        NumSegments: '1',
        SmsStatus: 'received',
        otherParameters: ['Novelty'],
      },
    },
    answer: { status: 200, body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
  },
  {
    label: 'a delivery report',
    request: formRequest(deliveryFormWith({}), `${webhookUrl}?a=${sampleSend.attemptId}`),
    event: {
      kind: 'delivery',
      accountRef: accountSid,
      eventKey: 'SM11111111111111111111111111111111:delivered::2601010000',
      providerMessageId: 'SM11111111111111111111111111111111',
      attemptId: sampleSend.attemptId,
      providerStatus: 'delivered',
      status: 'delivered',
      providerCode: null,
      code: null,
    },
    answer: { status: 204, body: null },
  },
  {
    label: 'a failure, without an attempt id',
    request: formRequest(
      deliveryFormWith({ MessageStatus: 'undelivered', ErrorCode: '30007', RawDlrDoneDate: undefined }),
    ),
    event: {
      kind: 'delivery',
      accountRef: accountSid,
      eventKey: 'SM11111111111111111111111111111111:undelivered:30007:',
      attemptId: null,
      status: 'undelivered',
      providerCode: '30007',
      code: 'content_filtered',
    },
    answer: { status: 204, body: null },
  },
  {
    label: 'a status nobody has seen yet',
    request: formRequest(deliveryFormWith({ MessageStatus: 'teleported' }), `${webhookUrl}?a=not-a-uuid`),
    event: {
      kind: 'delivery',
      accountRef: accountSid,
      attemptId: null,
      providerStatus: 'teleported',
      status: null,
    },
    answer: { status: 204, body: null },
  },
  {
    label: 'something that is not about a message',
    request: formRequest(new URLSearchParams({ AccountSid: accountSid, CallSid: 'CA1' }).toString()),
    event: { kind: 'unrecognized', accountRef: accountSid },
    answer: { status: 200, body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
  },
];

describeProviderContract({
  provider: twilio,
  settings,
  secrets: [authToken, btoa(`${accountSid}:${authToken}`)],
  badSettings: [
    { label: 'no account', settings: { authToken }, names: 'accountSid' },
    {
      label: 'a token in the place of the account',
      settings: { ...settings, accountSid: authToken },
      names: 'accountSid',
    },
    { label: 'no token', settings: { accountSid }, names: 'authToken' },
    { label: 'a token that is not text', settings: { ...settings, authToken: 12345 }, names: 'authToken' },
    { label: 'half an API key', settings: { ...settings, apiKeySid: 'SK1' }, names: 'apiKeySecret' },
    {
      label: 'plain http to another machine',
      settings: { ...settings, apiBaseUrl: 'http://api.example' },
      names: 'apiBaseUrl',
    },
  ],
  sends,
  acceptedReply,
  webhooks,
  sign,
  unsignedHeaderName: 'x-twilio-signature',
});
