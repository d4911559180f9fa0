import { describe, expect, it } from 'vitest';
import { sendErrorFacts } from '../send-error.ts';
import { errorCode, errorMap, readError } from './error-map.ts';
import { deliveryStatus, statusMap } from './status-map.ts';

const stopText = 'Blocked due to STOP message';

function facts(code: string, text = '') {
  return sendErrorFacts(errorCode({ code, text }, 'rejected'));
}

function mapped(matches: (code: string) => boolean): string[] {
  return Object.keys(errorMap).filter(matches).sort();
}

/** What is to follow from each code, as decided from Telnyx's pages; the table may say more, and nothing else. */
const decided: Readonly<Record<string, readonly string[]>> = {
  'an admin must act': [
    ...['10009', '10010', '20002', '20012', '20013', '20014', '20015', '20016', '20017', '20100'],
    ...['40010', '40305', '40308', '40312', '40314', '40321', '40329'],
  ],
  'may be sent again': [...['10011', '40318', '40002', '40011', '40016', '40018', '40004', '40006', '40008']],
  'is over': [
    ...['10002', '10016', '40012', '40310', '40001', '40003', '40015', '40017', '40322'],
    ...['40005', '40014', '40302', '40316', '40317', '40328'],
  ],
};

describe('error map', () => {
  it.each(decided['an admin must act'] ?? [])('%s stops the sender until an admin acts', (code) => {
    expect(errorMap).toHaveProperty(code);
    expect(facts(code)).toMatchObject({ class: 'account', alert: true, retryable: false });
  });

  it.each(decided['may be sent again'] ?? [])('%s may be sent again', (code) => {
    expect(facts(code)).toMatchObject({ class: 'retryable', retryable: true });
  });

  it.each(decided['is over'] ?? [])('%s is over', (code) => {
    expect(errorMap).toHaveProperty(code);
    expect(facts(code)).toMatchObject({ class: 'permanent', retryable: false });
  });

  it('sends nothing again that was not decided to be sent again', () => {
    expect(mapped((code) => facts(code).retryable)).toEqual([...(decided['may be sent again'] ?? [])].sort());
  });

  it('holds back, and does not fail, what only came at the wrong time', () => {
    expect(mapped((code) => facts(code).later)).toEqual(['10011', '40318']);
  });

  it('lets only an opt-out count as one: by the code and the words together', () => {
    expect(mapped((code) => facts(code, stopText).class === 'opted_out')).toEqual(['40300']);
    expect(mapped((code) => facts(code).class === 'opted_out')).toEqual([]);
  });

  it.each([
    ['Blocked due to STOP message', 'opted_out'],
    ['Messages cannot be sent due to an existing block rule.', 'opted_out'],
    ['blocked due to stop message', 'opted_out'],
    ['Unstoppable', 'permanent'],
    ['Number is not assigned to a messaging profile', 'permanent'],
    ['', 'permanent'],
  ])('40300 saying %j is %s', (text, expected) => {
    expect(facts('40300', text).class).toBe(expected);
  });

  it('never sends again what it does not know', () => {
    for (const code of ['49999', 'toString', '']) expect(facts(code)).toMatchObject({ retryable: false });
    expect(errorCode({ code: null, text: stopText }, 'throttled')).toBe('throttled');
  });
});

describe('readError', () => {
  it.each([
    [
      [{ code: '40001', title: 'Not routable', detail: 'No.' }, { code: '40300' }],
      '40001',
      'Not routable No.',
    ],
    [[{ code: 40_001 }], '40001', ''],
    [[{ title: 'No code' }], null, 'No code'],
  ])('reads the first of %j', (errors, code, text) => {
    expect(readError(errors)).toEqual({ code, text });
  });

  it.each([undefined, null, [], {}, 'x', [1]])('reads nothing from %j', (errors) => {
    expect(readError(errors)).toBeNull();
  });
});

describe('status map', () => {
  // The enumerations of telnyx-node 7.24: outbound and cancelled messages, and the two of inbound ones.
  const published = [
    ...['scheduled', 'queued', 'sending', 'sent', 'cancelled', 'expired', 'sending_failed'],
    ...['delivery_unconfirmed', 'delivered', 'delivery_failed', 'read', 'received', 'webhook_delivered'],
  ];

  it('covers every published status and no other', () => {
    expect(Object.keys(statusMap).sort()).toEqual(published.sort());
  });

  it.each([
    ['delivered', 'delivered'],
    ['delivery_unconfirmed', 'sent'],
    ['sending_failed', 'failed'],
    ['expired', 'failed'],
    ['delivery_failed', 'undelivered'],
  ])('%s becomes %s', (status, ours) => {
    expect(deliveryStatus(status)).toBe(ours);
  });

  it.each(['teleported', '', 'constructor', 'Delivered'])(
    'moves nothing on the unknown status %j',
    (status) => {
      expect(deliveryStatus(status)).toBeNull();
    },
  );
});
