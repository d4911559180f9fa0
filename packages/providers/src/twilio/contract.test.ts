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
import { inboundLog } from './fixtures/inbound-log.ts';
import { emptyLogReply, lookUps } from './fixtures/look-ups.ts';
import { acceptedReply, cancelledReply, refusal, rfc9457Refusal } from './fixtures/replies.ts';
import { statuses, statusOf } from './fixtures/statuses.ts';

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
  {
    label: 'a text for later through a messaging service',
    request: { senderPool: 'MG1', scheduleAt: new Date('2026-01-02T03:04:05.678Z') },
    reply: { ...acceptedReply, text: JSON.stringify({ sid: 'SM1', status: 'scheduled' }) },
    outcome: { kind: 'accepted', providerMessageId: 'SM1', providerStatus: 'scheduled' },
    asks: (request) =>
      expect(sentForm(request)).toMatchObject({
        MessagingServiceSid: ['MG1'],
        ScheduleType: ['fixed'],
        SendAt: ['2026-01-02T03:04:05Z'],
      }),
  },
  row('a time Twilio finds too near after all', refusal(400, 35_114), {
    kind: 'not_sent',
    code: 'schedule_not_possible',
  }),
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
      attemptId: null,
      providerStatus: 'teleported',
      status: null,
    },
    answer: { status: 204, body: null },
  },
  {
    label: 'something that is not about a message',
    request: formRequest(new URLSearchParams({ AccountSid: accountSid, CallSid: 'CA1' }).toString()),
    event: { kind: 'unrecognized' },
    answer: { status: 200, body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>' },
  },
];

const cancels: ProviderSamples['cancels'] = [
  {
    label: 'a message that still waits',
    reply: cancelledReply,
    outcome: { kind: 'cancelled', providerStatus: 'canceled', httpStatus: 200 },
    asks: (request) => {
      expect(request.method).toBe('POST');
      expect(request.url).toBe(
        `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/message-1.json`,
      );
      expect(sentForm(request)).toEqual({ Status: ['canceled'] });
    },
  },
  {
    label: 'a message that has left',
    reply: refusal(400, 30_409),
    outcome: { kind: 'refused', code: 'too_late_to_cancel', providerCode: '30409', httpStatus: 400 },
  },
  {
    label: 'a message nobody knows',
    reply: refusal(404, 20_404),
    outcome: { kind: 'refused', code: 'rejected', providerCode: '20404', httpStatus: 404 },
  },
  {
    label: 'credentials that an admin may put right',
    reply: refusal(401, 20_003),
    outcome: { kind: 'failed', code: 'account_unauthorized', httpStatus: 401, retryAfterSeconds: null },
  },
];

describeProviderContract({
  provider: twilio,
  settings,
  now: Date.parse('2026-01-01T00:00:00Z'),
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
  scheduling: {
    request: { senderPool: 'MG1', from: null },
    window: { leastMs: 300_000, mostMs: 35 * 86_400_000 },
  },
  cancels,
  lookUps,
  emptyLogReply,
  statusOf,
  statuses,
  inboundLog,
  sign,
  unsignedHeaderName: 'x-twilio-signature',
  callbackAddress: (request) =>
    new URLSearchParams(request?.body).get('StatusCallback')?.split('#', 1)[0] ?? '',
});
