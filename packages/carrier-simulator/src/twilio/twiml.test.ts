import { describe, expect, it } from 'vitest';
import { readTwiml } from './twiml.ts';

describe('readTwiml', () => {
  it.each([
    ['<?xml version="1.0" encoding="UTF-8"?><Response></Response>'],
    ['<Response/>'],
    [''],
    ['ok'],
    ['<html><Message>no</Message></html>'],
  ])('finds nothing to send in %j', (document) => {
    expect(readTwiml(document)).toEqual([]);
  });

  it('reads plain and nested texts, media and recipients', () => {
    const document = `<Response>
      <Message>Fish &amp; chips &#8212; &lt;3</Message>
      <Message to="+14155550100"><Body>Look</Body><Media>https://example.com/a.png</Media></Message>
      <Message><![CDATA[<raw> & ready]]></Message>
    </Response>`;
    expect(readTwiml(document)).toEqual([
      { body: 'Fish & chips — <3', mediaUrls: [], to: null },
      { body: 'Look', mediaUrls: ['https://example.com/a.png'], to: '+14155550100' },
      { body: '<raw> & ready', mediaUrls: [], to: null },
    ]);
  });
});
