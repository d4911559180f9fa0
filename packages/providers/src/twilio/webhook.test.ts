import { describe, expect, it } from 'vitest';
import type { WebhookEvent } from '../provider.ts';
import { deliveryFormWith, formRequest, inboundFormWith, webhookUrl } from './fixtures/webhooks.ts';
import { attemptIn, attemptWebhookUrl, readTwilioWebhook, twilioWebhookUrl } from './webhook.ts';

function inbound(changes: Readonly<Record<string, string | undefined>>): WebhookEvent & { kind: 'inbound' } {
  const reading = readTwilioWebhook(formRequest(inboundFormWith(changes)));
  if (!reading.ok || reading.event.kind !== 'inbound') throw new Error('expected an inbound message');
  return reading.event;
}

describe('keywords in an inbound message', () => {
  it.each([
    ['STOP', 'stop', true],
    ['  stop ', 'stop', true],
    ['Unsubscribe', 'stop', true],
    ['OPTOUT', 'stop', true],
    ['START', 'start', true],
    ['unstop', 'start', true],
    ['HELP', 'help', true],
    // Twilio looks for the bare word only, so these we answer ourselves.
    ['STOP.', 'stop', false],
    ['opt out', 'stop', false],
    ['stop sending me the wrong hours', null, false],
    ['yes', null, false],
  ] as const)('%j means %s; answered by the carrier: %s', (body, intent, carrierReplied) => {
    expect(inbound({ Body: body })).toMatchObject({ body, intent, carrierReplied });
  });

  it('takes the carrier’s own reading over ours', () => {
    expect(inbound({ Body: 'basta', OptOutType: 'STOP' })).toMatchObject({
      intent: 'stop',
      carrierReplied: true,
    });
    expect(inbound({ Body: 'STOP', OptOutType: 'HELP' })).toMatchObject({
      intent: 'help',
      carrierReplied: true,
    });
  });

  it('ignores an opt-out type it does not know', () => {
    expect(inbound({ Body: 'hi', OptOutType: 'toString' })).toMatchObject({
      intent: null,
      carrierReplied: false,
    });
  });

  it('does not believe that a short code answers by itself', () => {
    expect(inbound({ Body: 'STOP', To: '55555' })).toMatchObject({ intent: 'stop', carrierReplied: false });
  });
});

describe('the shape of an inbound message', () => {
  it('keeps the body exactly, spaces and all', () => {
    expect(inbound({ Body: '  two  spaces \n' }).body).toBe('  two  spaces \n');
  });

  it.each(['-1', '', 'many', '1.5'])('counts one segment when the count is %j', (segments) => {
    expect(inbound({ NumSegments: segments }).segments).toBe(1);
  });

  it.each(['-1', 'x', '1e9', 'Infinity'])('reads no media that is not there (count %j)', (count) => {
    expect(inbound({ NumMedia: count }).media).toEqual([]);
  });
});

describe('delivery reports', () => {
  it('gives two observations of one message two keys, and the same observation one', () => {
    const key = (changes: Record<string, string>) => {
      const reading = readTwilioWebhook(formRequest(deliveryFormWith(changes)));
      return reading.ok && reading.event.kind === 'delivery' ? reading.event.eventKey : null;
    };
    expect(key({ MessageStatus: 'sent' })).not.toBe(key({ MessageStatus: 'delivered' }));
    expect(key({ MessageStatus: 'sent' })).toBe(key({ MessageStatus: 'sent', ErrorMessage: 'x' }));
  });

  it('calls an error code it does not know a failure of the carrier', () => {
    const reading = readTwilioWebhook(
      formRequest(deliveryFormWith({ MessageStatus: 'failed', ErrorCode: '39999' })),
    );
    expect(reading).toMatchObject({
      event: { status: 'failed', providerCode: '39999', code: 'carrier_failed' },
    });
  });
});

describe('what is not a message at all', () => {
  it.each([
    [new Headers(), '', 'content_type'],
    [new Headers({ 'content-type': 'text/plain' }), 'AccountSid=AC1', 'content_type'],
    [new Headers({ 'content-type': 'application/x-www-form-urlencoded' }), 'Body=hi', 'body'],
    [new Headers({ 'content-type': 'application/json' }), '{"AccountSid":', 'body'],
    [new Headers({ 'content-type': 'application/json' }), '{"AccountSid":7}', 'body'],
  ])('is refused with its problem named', (headers, body, problem) => {
    const reading = readTwilioWebhook({ url: webhookUrl, headers, rawBody: new TextEncoder().encode(body) });
    expect(reading).toEqual({ ok: false, problem });
  });

  it('lets JSON through to the signature check as unrecognized', () => {
    const reading = readTwilioWebhook({
      url: webhookUrl,
      headers: new Headers({ 'content-type': 'application/json; charset=utf-8' }),
      rawBody: new TextEncoder().encode('{"AccountSid":"AC1"}'),
    });
    expect(reading).toMatchObject({ ok: true, accountRef: 'AC1', event: { kind: 'unrecognized' } });
  });
});

describe('the address given to Twilio', () => {
  const attemptId = '018f4e5a-7b1c-7d2e-8f3a-4b5c6d7e8f90';

  it('switches redelivery on by a fragment, after the attempt', () => {
    expect(twilioWebhookUrl('https://x.example/functions/v1/')).toBe(
      'https://x.example/functions/v1/provider-webhook/twilio#rc=5&rp=5xx,ct,rt',
    );
    expect(attemptWebhookUrl('https://x.example', attemptId)).toBe(
      `https://x.example/provider-webhook/twilio?a=${attemptId}#rc=5&rp=5xx,ct,rt`,
    );
  });

  it('gives the attempt back, and nothing that is none', () => {
    expect(attemptIn(attemptWebhookUrl('https://x.example', attemptId))).toBe(attemptId);
    expect(attemptIn(`https://x.example/?a=${attemptId.toUpperCase()}`)).toBe(attemptId);
    for (const query of ['', '?', '?a=', '?a=not-a-uuid', `?b=${attemptId}`, `#a=${attemptId}`]) {
      expect(attemptIn(`https://x.example/${query}`)).toBeNull();
    }
  });
});
