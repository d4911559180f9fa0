import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import { signWebhook } from './signature.ts';

const call = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
};
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const ours = 'test_auth_token_0123456789abcdef';

function sign(token: string, address: string, parameters: Record<string, string | string[]>): string {
  return signWebhook(token, address, new Map(Object.entries(parameters)));
}

describe('signWebhook', () => {
  it.each([
    [url, call, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['https://mycompany.com:443/myapp.php?foo=1&bar=2', call, 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['http://mycompany.com:80/myapp.php?foo=1&bar=2', call, '0ZXoZLH/DfblKGATFgpif+LLRf4='],
    ['http://mycompany.com:1234/myapp.php?foo=1&bar=2', call, 'Zmvh+3yNM1Phv2jhDCwEM3q5ebU='],
    ['https://user:pass@mycompany.com/myapp.php?foo=1&bar=2', call, 'CukzLTc1tT5dXEDIHm/tKBanW10='],
    [url, { 'MessagingBinding.Address': ['+1325xxxxxxx', '+1415xxxxxxx'] }, '83O6e2vORAoJHUNzJjDWN1jz+BA='],
    [url, { 'MessagingBinding.Address': ['+1415xxxxxxx', '+1325xxxxxxx'] }, '83O6e2vORAoJHUNzJjDWN1jz+BA='],
    [
      url,
      { Sid: 'CA123', SidAccount: 'AC123', Digits: ['5678', '1234', '1234'] },
      'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
    ],
  ])('agrees with the published vector for %s', (address, parameters, expected) => {
    expect(sign('12345', address, parameters)).toBe(expected);
  });

  it('signs a status callback with the query and without the fragment', () => {
    const sid = `SM${'1'.repeat(32)}`;
    const parameters = {
      ...{ MessageSid: sid, SmsSid: sid, MessageStatus: 'delivered', SmsStatus: 'delivered' },
      ...{ AccountSid: `AC${'0'.repeat(32)}`, From: '+17735550002', To: '+13125550001' },
      ...{ ApiVersion: '2010-04-01', RawDlrDoneDate: '2601010000' },
    };
    const address = 'https://abcdefgh.supabase.co/functions/v1/twilio-status?attempt=7f9c';
    expect(sign(ours, address, parameters)).toBe('z2JUXEWHK7qMYSJUAl7F5TCjdok=');
  });

  it.each([
    ['Hello, café 😀 & more + plus', '+1 312'],
    ['', ' trimmed? '],
    ['line\nbreak', 'ÄÖ=&'],
  ])('agrees with the SDK on awkward values: %j', (Body, City) => {
    const parameters = { Body, City, a: 'lower', Z: 'upper', Empty: '' };
    expect(sign(ours, url, parameters)).toBe(getExpectedTwilioSignature(ours, url, parameters));
  });
});
