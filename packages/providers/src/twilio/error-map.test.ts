import { describe, expect, it } from 'vitest';
import { sendErrorFacts } from '../send-error.ts';
import { errorCode, errorMap } from './error-map.ts';
import { deliveryStatus, statusMap } from './status-map.ts';

function mapped(matches: (code: string) => boolean): string[] {
  return Object.keys(errorMap).filter(matches).sort();
}

function facts(code: string) {
  return sendErrorFacts(errorCode(code, 'rejected'));
}

describe('error map', () => {
  it('lets only an opt-out count as one', () => {
    expect(mapped((code) => facts(code).class === 'opted_out')).toEqual(['21610']);
  });

  it('never sends again by itself what may already have arrived', () => {
    expect(facts('30410').retryable).toBe(false);
  });

  it('holds back, and does not fail, what only came at the wrong time', () => {
    expect(mapped((code) => facts(code).later)).toEqual(['20429', '21611', '63017', '63038']);
  });

  it('does not meet a daily limit with a short back-off', () => {
    expect(facts('63038').waitSeconds).toBeGreaterThanOrEqual(3600);
  });

  it('raises the alarm exactly where sending cannot go on without an admin', () => {
    const alarming = [
      '20003',
      '21212',
      '21408',
      '21603',
      '21608',
      '21703',
      '21704',
      '21705',
      '30002',
      '30032',
    ];
    expect(mapped((code) => facts(code).alert)).toEqual([...alarming, '30033', '30034', '30037', '63038']);
  });

  it('knows no code that is a property of every object', () => {
    expect(errorCode('toString', 'rejected')).toBe('rejected');
  });
});

describe('status map', () => {
  // The full enumeration of the Messages resource in twilio-oai.
  const published = [
    ...[
      'accepted',
      'scheduled',
      'queued',
      'sending',
      'sent',
      'delivered',
      'undelivered',
      'failed',
      'canceled',
    ],
    ...['read', 'partially_delivered', 'receiving', 'received'],
  ];

  it('covers every published status and no other', () => {
    expect(Object.keys(statusMap).sort()).toEqual(published.sort());
  });

  it.each(['teleported', '', 'constructor', 'Delivered'])(
    'moves nothing on the unknown status %j',
    (status) => {
      expect(deliveryStatus(status)).toBeNull();
    },
  );
});
