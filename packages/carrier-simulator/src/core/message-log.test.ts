import { describe, expect, it } from 'vitest';
import { CarrierCore } from './carrier-core.ts';
import { accountSchema } from './account.ts';

const account = accountSchema.parse({
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'token',
  numbers: [{ phoneNumber: '+13125550001' }],
});

function fill(maxMessages: number, messages: number) {
  const core = new CarrierCore({ accounts: [account], maxMessages, writeCallback: () => null });
  const sids = Array.from({ length: messages }, (_, index) => {
    const to = `+1415555${String(index % 7).padStart(4, '0')}`;
    const mediaUrls = index === 0 ? ['https://example.com/a.png'] : [];
    return core.record({
      ...{ accountSid: account.accountSid, origin: 'api', from: '+13125550001', to },
      ...{ body: String(index + 1), status: 'queued', mediaUrls },
    });
  });
  return { core, sids };
}

const bodies = (messages: Iterable<{ body: string }>) => [...messages].map(({ body }) => body);

describe('MessageLog', () => {
  it('numbers messages from one, in order', () => {
    const { sids } = fill(10, 3);
    expect(sids.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('reads forwards after a sequence number and backwards before one', () => {
    const { core } = fill(10, 5);
    expect(bodies(core.log.after(2))).toEqual(['3', '4', '5']);
    expect(bodies(core.log.before(3))).toEqual(['2', '1']);
  });

  it('forgets the oldest messages, with their media, when it is full', () => {
    const { core, sids } = fill(4, 10);
    expect(bodies(core.log.after(0))).toEqual(['7', '8', '9', '10']);
    expect(core.log.size).toBe(4);
    expect(core.log.find(sids[0]?.sid ?? '')).toBeUndefined();
    expect(core.media.find(sids[0]?.media[0]?.sid ?? '')).toBeUndefined();
    expect(bodies(core.log.conversation('+14155550002'))).toEqual(['10']);
  });

  it('stays right after the forgotten part has been cut off', () => {
    const { core } = fill(100, 25_000);
    expect(bodies(core.log.after(24_998))).toEqual(['24999', '25000']);
    expect(bodies(core.log.before(24_903))).toEqual(['24902', '24901']);
  });

  it('names recent customers, the latest first', () => {
    const { core } = fill(100, 7);
    expect(core.log.recentCustomers(2)).toEqual(['+14155550006', '+14155550005']);
  });
});
