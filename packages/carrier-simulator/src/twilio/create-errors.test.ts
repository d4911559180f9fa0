import { describe, expect, it } from 'vitest';
import { business, customer, startCarrier } from '../testing/carrier-fixture.ts';

const farFuture = (ms: number) => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, 'Z');
const service = `MG${'a'.repeat(32)}`;

interface Refused {
  code: number;
  status: number;
  message: string;
  more_info: string;
}

describe('creating a message that Twilio refuses', () => {
  it.each<[string, Record<string, string | string[]>, number, number]>([
    ['no recipient', { To: '' }, 21604, 400],
    ['no sender', { From: '' }, 21603, 400],
    ['no content', { Body: '' }, 21602, 400],
    ['a body over 1600 characters', { Body: 'a'.repeat(1601) }, 21617, 400],
    ['a malformed recipient', { To: '12345678' }, 21211, 400],
    ['an area code that cannot be', { To: '+11125550100' }, 21211, 400],
    ['a short code as recipient', { To: '12345' }, 21265, 400],
    ['the sender as recipient', { To: business }, 21266, 400],
    ['a number of somebody else', { From: '+12065550100' }, 21606, 400],
    ['a malformed sender', { From: '+1-nonsense-here' }, 21212, 400],
    ['an unknown messaging service', { MessagingServiceSid: 'MG123' }, 21705, 400],
    ['a malformed media URL', { MediaUrl: 'ftp://example.com/a.png' }, 21620, 400],
    ['eleven files', { MediaUrl: Array.from({ length: 11 }, () => 'https://example.com/a.png') }, 21623, 400],
    ['a malformed status callback', { StatusCallback: 'not a url' }, 21609, 400],
    ['an underscore in the callback host', { StatusCallback: 'https://my_host.example.com/' }, 21609, 400],
    ['no time to live', { ValidityPeriod: '0' }, 21624, 400],
    ['too long a time to live', { ValidityPeriod: '36001' }, 21624, 400],
    ['a schedule without a service', { ScheduleType: 'fixed', SendAt: farFuture(3_600_000) }, 35118, 400],
    ['a schedule without a time', { ScheduleType: 'fixed', MessagingServiceSid: service }, 35111, 400],
    [
      'a schedule too near',
      { ScheduleType: 'fixed', MessagingServiceSid: service, SendAt: farFuture(200_000) },
      35114,
      400,
    ],
    [
      'a time it cannot read',
      { ScheduleType: 'fixed', MessagingServiceSid: service, SendAt: 'tomorrow' },
      35115,
      400,
    ],
    [
      'a schedule too far',
      { ScheduleType: 'fixed', MessagingServiceSid: service, SendAt: farFuture(36 * 86_400_000) },
      35117,
      400,
    ],
    ['magic sender 0001', { From: '+15005550001' }, 21212, 400],
    ['magic sender 0007', { From: '+15005550007' }, 21606, 400],
    ['magic sender 0008', { From: '+15005550008' }, 21611, 400],
    ['magic recipient 0001', { To: '+15005550001' }, 21211, 400],
    ['magic recipient 0002', { To: '+15005550002' }, 21612, 400],
    ['magic recipient 0003', { To: '+15005550003' }, 21408, 403],
    ['magic recipient 0004', { To: '+15005550004' }, 21610, 400],
    ['magic recipient 0009', { To: '+15005550009' }, 21614, 400],
  ])('refuses %s', async (_, parameters, code, status) => {
    const { create, messages } = await startCarrier();
    const answer = await create(parameters);
    const refused = (await answer.json()) as Refused;
    expect(answer.status).toBe(status);
    expect(refused).toEqual({
      ...{ code, status, message: expect.any(String) as string },
      more_info: `https://www.twilio.com/docs/errors/${code}`,
    });
    expect(await messages()).toEqual([]);
  });

  it('takes the magic sender that is always good', async () => {
    const { create } = await startCarrier();
    expect((await create({ From: '+15005550006' })).status).toBe(201);
  });

  it('takes 1600 characters, ten files and a picture without words', async () => {
    const { create } = await startCarrier();
    const MediaUrl = Array.from({ length: 10 }, () => 'https://example.com/a.png');
    expect((await create({ Body: 'a'.repeat(1600) })).status).toBe(201);
    expect((await create({ Body: '', MediaUrl })).status).toBe(201);
  });

  it('names the number that is wrong', async () => {
    const { create } = await startCarrier();
    const refused = (await (await create({ To: '+1415' })).json()) as Refused;
    expect(refused.message).toContain('+1415');
    expect(refused.message).not.toContain(customer);
  });
});
