import { describe, expect, it } from 'vitest';
import type { WebhookEvent } from '../provider.ts';
import { profileId } from './fixtures/replies.ts';
import { deliveryBody, eventBody, inboundBody, jsonRequest, webhookUrl } from './fixtures/webhooks.ts';
import { readTelnyxWebhook, telnyxWebhookUrl } from './webhook.ts';

function read(body: string): WebhookEvent {
  const reading = readTelnyxWebhook(jsonRequest(body));
  if (!reading.ok) throw new Error('expected an event');
  return reading.event;
}

function inbound(changes: Readonly<Record<string, unknown>>) {
  return read(inboundBody(changes));
}

describe('keywords in an inbound message', () => {
  it.each([
    ['STOP', 'stop', true],
    ['  stop ', 'stop', true],
    ['Stop All', 'stop', true],
    ['UNSTOP', 'start', true],
    // Telnyx does not know these by itself, so they are ours to act on and to answer.
    ['REVOKE', 'stop', false],
    ['OPT OUT', 'stop', false],
    ['OPTOUT', 'stop', false],
    ['STOP.', 'stop', false],
    ['HELP', 'help', false],
    ['stop sending me the wrong hours', null, false],
  ] as const)('%j means %s; answered by the carrier: %s', (text, intent, carrierReplied) => {
    expect(inbound({ text })).toMatchObject({ body: text, intent, carrierReplied });
  });

  it.each([
    ['basta', 'STOP', 'stop'],
    ['hola', 'START', 'start'],
    ['ayuda', 'HELP', 'help'],
    ['STOP', 'HELP', 'help'],
    ['STOP', 'stop', 'stop'],
  ])('%j answered by the carrier as %s means %s', (text, autoresponse_type, intent) => {
    expect(inbound({ text, autoresponse_type })).toMatchObject({ intent, carrierReplied: true });
  });

  it('knows that the carrier answered, even in a way it does not know', () => {
    expect(inbound({ text: 'hours?', autoresponse_type: 'toString' })).toMatchObject({
      intent: null,
      carrierReplied: true,
    });
    expect(inbound({ text: 'hi', autoresponse_type: null })).toMatchObject({ carrierReplied: false });
  });
});

describe('the shape of an inbound message', () => {
  it('keeps the body exactly, spaces and all', () => {
    expect(inbound({ text: '  two  spaces \n' })).toMatchObject({ body: '  two  spaces \n' });
  });

  it.each([-1, 0, '', 'many', 1.5, null])('counts one segment when the count is %j', (parts) => {
    expect(inbound({ parts })).toMatchObject({ segments: 1 });
  });

  it.each([null, {}, 'x', [1, 'y', {}]])('reads no media that is not there (%j)', (media) => {
    expect(inbound({ media })).toMatchObject({ media: [] });
  });

  it.each([
    ['a sender', { from: null }],
    ['a sender’s number', { from: { carrier: 'x' } }],
    ['a recipient', { to: [] }],
    ['a list of recipients', { to: '+17735550002' }],
    ['an id', { id: '' }],
  ])('without %s is not recognized', (_label, changes) => {
    expect(inbound(changes)).toMatchObject({ kind: 'unrecognized' });
  });

  it.each(['WHATSAPP', 'RCS', 'fax'])('of the type %s is not recognized', (type) => {
    expect(inbound({ type })).toMatchObject({ kind: 'unrecognized' });
  });
});

describe('delivery reports', () => {
  it('are told apart by the event’s own id, whatever they say', () => {
    const key = (id: string, status: string) => {
      const body = deliveryBody(status).replace('b301ed3f', id);
      const event = read(body);
      return event.kind === 'delivery' ? event.eventKey : null;
    };
    expect(key('00000001', 'sent')).toBe(key('00000001', 'delivered'));
    expect(key('00000001', 'sent')).not.toBe(key('00000002', 'sent'));
  });

  it('are not sent again by themselves when the code is unknown', () => {
    const errors = [{ code: '49999', title: 'Novelty' }];
    expect(read(deliveryBody('delivery_failed', { errors }))).toMatchObject({
      providerCode: '49999',
      code: 'rejected',
    });
  });

  it('stop a person only where a late 40300 says so', () => {
    const code = (title: string) => {
      const event = read(deliveryBody('sending_failed', { errors: [{ code: '40300', title }] }));
      return event.kind === 'delivery' ? event.code : null;
    };
    expect(code('Blocked due to STOP message')).toBe('recipient_opted_out');
    expect(code('Forbidden')).toBe('recipient_blocked');
  });

  it('without a recipient are not recognized', () => {
    expect(read(deliveryBody('sent', { to: [] }))).toMatchObject({ kind: 'unrecognized' });
  });
});

describe('what is read before anything is proven', () => {
  it('names no account, but the group of senders', () => {
    expect(readTelnyxWebhook(jsonRequest(inboundBody()))).toMatchObject({
      accountRef: null,
      senderPool: profileId,
    });
    expect(readTelnyxWebhook(jsonRequest(eventBody('x', {})))).toMatchObject({ senderPool: null });
  });

  it.each([
    ['', '{}', 'content_type'],
    ['text/plain', inboundBody(), 'content_type'],
    ['application/x-www-form-urlencoded', 'a=b', 'content_type'],
    ['application/json', '{"data":', 'body'],
    ['application/json', '[]', 'body'],
    ['application/json', '{"data":[]}', 'body'],
    ['application/json', '{"data":{"id":"evt_1"}}', 'body'],
    ['application/json', '{"data":{"event_type":"message.received"}}', 'body'],
  ])('is nothing in %j %j', (contentType, body, problem) => {
    const headers = new Headers(contentType === '' ? {} : { 'content-type': contentType });
    const rawBody = new TextEncoder().encode(body);
    expect(readTelnyxWebhook({ url: webhookUrl, headers, rawBody })).toEqual({ ok: false, problem });
  });

  it('may come with a charset, and with no payload', () => {
    const request = jsonRequest('{"data":{"id":"1","event_type":"number_order.complete"}}');
    request.headers.set('content-type', 'application/json; charset=utf-8');
    expect(readTelnyxWebhook(request)).toMatchObject({
      ok: true,
      event: { kind: 'unrecognized', details: { event_type: 'number_order.complete' } },
    });
  });
});

it('is given an address without a fragment: redelivery needs no asking', () => {
  expect(telnyxWebhookUrl('https://x.example/functions/v1/')).toBe(
    'https://x.example/functions/v1/provider-webhook/telnyx',
  );
});
