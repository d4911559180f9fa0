import { expect } from 'vitest';
import { describeProviderContract, sampleSend } from '../contract.ts';
import type { ProviderSamples } from '../contract.ts';
import type { HttpReply, HttpRequest } from '../http-client.ts';
import { inboundLog } from './fixtures/inbound-log.ts';
import { emptyLogReply, lookUps } from './fixtures/look-ups.ts';
import {
  acceptedReply,
  cancelledReply,
  messageId,
  outboundMessage,
  profileId,
  refusal,
} from './fixtures/replies.ts';
import { publicKey, signedAt, stopBody } from './fixtures/signature-vectors.ts';
import { statuses } from './fixtures/statuses.ts';
import {
  accountRef,
  apiKey,
  deliveryBody,
  eventBody,
  eventId,
  inboundBody,
  jsonRequest,
  sign,
  webhookUrl,
} from './fixtures/webhooks.ts';
import { telnyx } from './index.ts';

const settings = { provider: 'telnyx', accountRef, apiKey, publicKey };

function sent(request: HttpRequest | undefined): Record<string, unknown> {
  return JSON.parse(request?.body ?? '{}') as Record<string, unknown>;
}

function row(label: string, reply: HttpReply, outcome: ProviderSamples['sends'][number]['outcome']) {
  return { label, reply, outcome };
}

const stopTitle = 'Blocked due to STOP message';
const blockDetail =
  "Messages cannot be sent from '+17735550002' to '+13125550001' due to an existing block rule.";

const sends: ProviderSamples['sends'] = [
  {
    label: 'a text from one of our numbers',
    reply: acceptedReply,
    outcome: {
      kind: 'accepted',
      providerMessageId: messageId,
      providerStatus: 'queued',
      segments: 2,
      httpStatus: 200,
    },
    asks: (request) => {
      expect(request.method).toBe('POST');
      expect(request.url).toBe('https://api.telnyx.com/v2/messages');
      expect(request.headers).toEqual({
        authorization: `Bearer ${apiKey}`,
        accept: 'application/json',
        'content-type': 'application/json',
      });
      expect(sent(request)).toEqual({
        from: '+17735550002',
        to: '+13125550001',
        text: 'Hello, café 😀 & more + plus',
        webhook_url: expect.stringMatching(
          new RegExp(`^${webhookUrl}\\?a=${sampleSend.attemptId}&h=[A-Za-z0-9_-]{43}$`),
        ),
        use_profile_webhooks: true,
      });
    },
  },
  {
    label: 'two pictures and no text from a number pool',
    request: {
      from: null,
      senderPool: profileId,
      body: '',
      mediaUrls: ['https://a.example/1?x=1&y=2', 'https://a.example/2'],
    },
    reply: { ...acceptedReply, text: JSON.stringify({ data: { id: 'm', to: [], parts: 0 } }) },
    outcome: { kind: 'accepted', providerMessageId: 'm', providerStatus: null, segments: null },
    asks: (request) => {
      expect(sent(request)).toMatchObject({
        messaging_profile_id: profileId,
        media_urls: ['https://a.example/1?x=1&y=2', 'https://a.example/2'],
      });
      expect(sent(request)).not.toHaveProperty('from');
      expect(sent(request)).not.toHaveProperty('text');
    },
  },
  {
    label: 'a text for later',
    request: { scheduleAt: new Date('2026-01-02T03:04:05.678Z') },
    reply: { ...acceptedReply, text: JSON.stringify({ data: outboundMessage('scheduled') }) },
    outcome: { kind: 'accepted', providerStatus: 'scheduled' },
    asks: (request) => expect(sent(request)['send_at']).toBe('2026-01-02T03:04:05Z'),
  },
  row('bad number', refusal(400, '40310', "Invalid 'to' address"), {
    kind: 'not_sent',
    code: 'recipient_invalid',
    providerCode: '40310',
    httpStatus: 400,
  }),
  row('opted out, by the title', refusal(400, '40300', stopTitle), {
    kind: 'not_sent',
    code: 'recipient_opted_out',
    providerCode: '40300',
  }),
  row('opted out, by the detail', refusal(403, '40300', 'Blocked', blockDetail), {
    kind: 'not_sent',
    code: 'recipient_opted_out',
  }),
  row('blocked, but nobody says by a STOP', refusal(403, '40300', 'Forbidden', 'Unstoppable sender.'), {
    kind: 'not_sent',
    code: 'recipient_blocked',
  }),
  row('the words of a STOP under another code', refusal(400, '40310', stopTitle), {
    kind: 'not_sent',
    code: 'recipient_invalid',
  }),
  row('bad credentials', refusal(401, '10009'), { kind: 'not_sent', code: 'account_unauthorized' }),
  row('no money', refusal(402, '20100'), { kind: 'not_sent', code: 'account_suspended' }),
  row('throttled', refusal(429, '10011'), { kind: 'later', code: 'throttled', retryAfterSeconds: null }),
  row(
    'throttled, with the seconds until the limit resets',
    { ...refusal(429, '10011'), headers: { 'x-ratelimit-reset': '17', 'x-ratelimit-remaining': '0' } },
    { kind: 'later', code: 'throttled', retryAfterSeconds: 17 },
  ),
  row(
    'throttled, with both ways of saying how long',
    { ...refusal(429, '10011'), headers: { 'x-ratelimit-reset': '17', 'retry-after': '3' } },
    { kind: 'later', retryAfterSeconds: 3 },
  ),
  row(
    'a reset that is not about this refusal',
    { ...refusal(400, '40310'), headers: { 'x-ratelimit-reset': '17' } },
    { kind: 'not_sent', retryAfterSeconds: null },
  ),
  row('full queue', refusal(400, '40318'), {
    kind: 'later',
    code: 'sender_backlogged',
    retryAfterSeconds: 600,
  }),
  row('too long', refusal(400, '40328'), { kind: 'not_sent', code: 'message_too_long' }),
  row('a code nobody has seen yet', refusal(422, '49999'), {
    kind: 'not_sent',
    code: 'rejected',
    providerCode: '49999',
  }),
  row('a code that is a property of every object', refusal(400, 'constructor'), {
    kind: 'not_sent',
    code: 'rejected',
    providerCode: null,
  }),
  row(
    'errors that are no list',
    { status: 400, headers: {}, text: '{"errors":{"code":"40310"}}' },
    {
      kind: 'not_sent',
      code: 'rejected',
    },
  ),
];

const delivered = jsonRequest(deliveryBody('delivered'));
const answer = { status: 200, body: null };

const webhooks: ProviderSamples['webhooks'] = [
  {
    label: 'a text from a customer',
    request: jsonRequest(inboundBody()),
    event: {
      kind: 'inbound',
      eventKey: eventId,
      providerMessageId: '84cca175-9755-4859-b67f-4730d7f58aa3',
      from: '+13125550001',
      to: '+17735550002',
      body: 'Hello, café 😀 & more + plus',
      segments: 1,
      intent: null,
      carrierReplied: false,
      media: [],
      details: {
        event_type: 'message.received',
        occurred_at: '2026-01-01T00:00:00.000+00:00',
        direction: 'inbound',
        type: 'SMS',
        encoding: 'UCS-2',
        parts: 1,
        messaging_profile_id: profileId,
        received_at: '2026-01-01T00:00:00.000+00:00',
      },
    },
    answer,
  },
  {
    label: 'a STOP, byte for byte as posted',
    request: jsonRequest(stopBody),
    event: { kind: 'inbound', eventKey: eventId, body: 'STOP', intent: 'stop', carrierReplied: true },
    answer,
  },
  {
    label: 'pictures with fields Telnyx added last week',
    request: jsonRequest(
      inboundBody({
        type: 'MMS',
        text: '',
        media: [
          { url: 'https://media.telnyx.com/1.jpg', content_type: 'image/jpeg', size: 5, hash_sha256: 'x' },
          { url: 'https://media.telnyx.com/2', content_type: null },
          { content_type: 'image/png' },
        ],
        novelty: '+13125550001',
      }),
    ),
    event: {
      kind: 'inbound',
      body: '',
      media: [
        { url: 'https://media.telnyx.com/1.jpg', contentType: 'image/jpeg' },
        { url: 'https://media.telnyx.com/2', contentType: null },
      ],
      details: expect.objectContaining({ otherFields: ['novelty'] }),
    },
    answer,
  },
  {
    label: 'a delivery report',
    request: delivered,
    event: {
      kind: 'delivery',
      eventKey: eventId,
      providerMessageId: messageId,
      attemptId: null,
      providerStatus: 'delivered',
      status: 'delivered',
      providerCode: null,
      code: null,
    },
    answer,
  },
  {
    label: 'a failure with its code',
    request: jsonRequest(
      deliveryBody('delivery_failed', {
        errors: [{ code: '40003', title: 'Blocked as spam', detail: 'To +13125550001' }],
      }),
    ),
    event: {
      kind: 'delivery',
      status: 'undelivered',
      providerStatus: 'delivery_failed',
      providerCode: '40003',
      code: 'content_filtered',
    },
    answer,
  },
  {
    label: 'a message that left',
    request: jsonRequest(deliveryBody('sent', {}, 'message.sent')),
    event: { kind: 'delivery', status: 'sent', providerStatus: 'sent' },
    answer,
  },
  {
    label: 'a status nobody has seen yet',
    request: jsonRequest(deliveryBody('teleported'), `${webhookUrl}?a=not-a-uuid&h=x`),
    event: { kind: 'delivery', attemptId: null, providerStatus: 'teleported', status: null },
    answer,
  },
  {
    label: 'something that is not about a text',
    request: jsonRequest(eventBody('call.initiated', { call_control_id: 'x' })),
    event: { kind: 'unrecognized' },
    answer,
  },
];

const cancels: ProviderSamples['cancels'] = [
  {
    label: 'a message that still waits',
    reply: cancelledReply,
    outcome: { kind: 'cancelled', providerStatus: 'cancelled', httpStatus: 200 },
    asks: (request) => {
      expect(request.method).toBe('DELETE');
      expect(request.url).toBe('https://api.telnyx.com/v2/messages/message-1');
      expect(request.body).toBeUndefined();
    },
  },
  {
    label: 'a message that has left, for which there is no code of its own',
    reply: refusal(400, '10015', 'Bad Request', 'Message cannot be cancelled'),
    outcome: { kind: 'refused', code: 'too_late_to_cancel', providerCode: '10015', httpStatus: 400 },
  },
  {
    label: 'a message nobody knows',
    reply: refusal(404, '10005', 'Resource not found'),
    outcome: { kind: 'refused', code: 'rejected', providerCode: '10005', httpStatus: 404 },
  },
  {
    label: 'credentials that an admin may put right',
    reply: refusal(401, '10009'),
    outcome: { kind: 'failed', code: 'account_unauthorized', httpStatus: 401, retryAfterSeconds: null },
  },
];

describeProviderContract({
  provider: telnyx,
  settings,
  now: signedAt,
  secrets: [apiKey],
  badSettings: [
    { label: 'no name', settings: { ...settings, accountRef: '' }, names: 'accountRef' },
    { label: 'no API key', settings: { ...settings, apiKey: undefined }, names: 'apiKey' },
    { label: 'an API key that is not text', settings: { ...settings, apiKey: 12345 }, names: 'apiKey' },
    { label: 'no public key', settings: { ...settings, publicKey: null }, names: 'publicKey' },
    {
      label: 'a public key of 31 bytes',
      settings: { ...settings, publicKey: btoa('x'.repeat(31)) },
      names: 'publicKey',
    },
    {
      label: 'the API key in the place of the public key',
      settings: { ...settings, publicKey: apiKey },
      names: 'publicKey',
    },
    {
      label: 'a previous public key that is none',
      settings: { ...settings, previousPublicKey: 'old' },
      names: 'previousPublicKey',
    },
    {
      label: 'plain http to another machine',
      settings: { ...settings, apiBaseUrl: 'http://api.example' },
      names: 'apiBaseUrl',
    },
  ],
  sends,
  acceptedReply,
  webhooks,
  scheduling: { request: {}, window: { leastMs: 300_000, mostMs: 5 * 86_400_000 } },
  cancels,
  lookUps,
  emptyLogReply,
  statusOf: messageId,
  statuses,
  inboundLog,
  sign,
  unsignedHeaderName: 'telnyx-signature-ed25519',
  callbackAddress: (request) => String(sent(request)['webhook_url']),
});
