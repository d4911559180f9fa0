import { describe, expect, it } from 'vitest';
import type { CarrierMessage } from '../rig/carrier.ts';
import { accountFor, type Stored, type ViolationKind } from './accounting.ts';

const intended = [
  { body: 'a', thread: 1, order: 0 },
  { body: 'b', thread: 1, order: 1 },
];

function stored(body: string, changes: Partial<Stored> = {}): Stored {
  return {
    body,
    jobStatus: 'delivered',
    messageStatus: 'delivered',
    providerMessageId: `SM-${body}`,
    attempts: [{ id: `attempt-${body}`, state: 'accepted' }],
    ...changes,
  };
}

function taken(sequence: number, body: string, changes: Partial<CarrierMessage> = {}): CarrierMessage {
  return {
    sequence,
    sid: `SM-${body}`,
    from: '+13125550100',
    to: '+13055550100',
    body,
    status: 'delivered',
    errorCode: null,
    statusCallback: null,
    submittedAtMs: sequence,
    answeredAtMs: sequence,
    callbacks: [],
    ...changes,
  };
}

function kindsOf(rows: Stored[], log: CarrierMessage[]): ViolationKind[] {
  return accountFor(intended, rows, log).violations.map(({ kind }) => kind);
}

const good = [stored('a'), stored('b')];
const goodLog = [taken(1, 'a'), taken(2, 'b')];

describe('accountFor', () => {
  it('finds nothing wrong with texts that went out once and in order', () => {
    expect(accountFor(intended, good, goodLog)).toEqual({
      violations: [],
      ends: { delivered: 2, sent: 0, undelivered: 0, refused: 0, unknown_shown: 0, other: 0 },
    });
  });

  it('accepts what a carrier refused, and what nobody knows but everybody can see', () => {
    const rows = [
      stored('a', {
        jobStatus: 'failed',
        messageStatus: 'failed',
        providerMessageId: null,
        attempts: [{ id: '1', state: 'not_sent' }],
      }),
      stored('b', {
        jobStatus: 'unknown',
        messageStatus: 'unknown',
        providerMessageId: null,
        attempts: [{ id: '2', state: 'unknown' }],
      }),
    ];
    const account = accountFor(intended, rows, []);
    expect(account.violations).toEqual([]);
    expect(account.ends).toMatchObject({ refused: 1, unknown_shown: 1 });
  });

  it.each<[string, ViolationKind[], Stored[], CarrierMessage[]]>([
    ['a text that nobody has', ['lost'], [stored('a')], [taken(1, 'a')]],
    ['a text only the carrier has', ['lost'], [stored('a')], goodLog],
    ['a text that never left', ['lost'], good, [taken(1, 'a')]],
    [
      'a text given up without a refusal',
      ['lost'],
      [stored('a'), stored('b', { jobStatus: 'dead', attempts: [{ id: '1', state: 'released' }] })],
      [taken(1, 'a')],
    ],
    ['a text the carrier took twice', ['sent_twice'], good, [...goodLog, taken(3, 'b', { sid: 'SM-other' })]],
    ['a text the database has twice', ['sent_twice'], [...good, stored('b')], goodLog],
    ['two texts that swapped places', ['out_of_order'], good, [taken(2, 'a'), taken(1, 'b')]],
    [
      'a job that still waits',
      ['stuck', 'unheard'],
      [stored('a'), stored('b', { jobStatus: 'queued', messageStatus: 'queued' })],
      [taken(1, 'a'), taken(2, 'b', { callbacks: [callback('delivered')] })],
    ],
    [
      'an attempt that never ended',
      ['stuck'],
      [stored('a'), stored('b', { attempts: [{ id: '1', state: 'submitting' }] })],
      goodLog,
    ],
    [
      'an unknown the carrier could settle',
      ['unsettled'],
      [stored('a'), stored('b', { jobStatus: 'unknown', messageStatus: 'unknown', providerMessageId: null })],
      goodLog,
    ],
    [
      'an unknown that nobody is shown',
      ['contradicted'],
      [stored('a'), stored('b', { jobStatus: 'unknown', messageStatus: 'queued' })],
      [taken(1, 'a')],
    ],
    [
      'a failure the carrier knows nothing of',
      ['contradicted'],
      [stored('a'), stored('b', { jobStatus: 'failed' })],
      goodLog,
    ],
    [
      'a text linked to another of the carrier',
      ['contradicted'],
      [stored('a'), stored('b', { providerMessageId: 'SM-a' })],
      goodLog,
    ],
    [
      'news that was acknowledged and forgotten',
      ['unheard'],
      [stored('a'), stored('b', { jobStatus: 'sent', messageStatus: 'sent' })],
      [taken(1, 'a'), taken(2, 'b', { callbacks: [callback('delivered')] })],
    ],
  ])('finds %s', (_, kinds, rows, log) => {
    expect(kindsOf(rows, log)).toEqual(kinds);
  });

  it('does not blame us for news that never arrived', () => {
    const rows = [stored('a'), stored('b', { jobStatus: 'sent', messageStatus: 'sent' })];
    const lost = { ...callback('delivered'), httpStatus: 503 };
    expect(kindsOf(rows, [taken(1, 'a'), taken(2, 'b', { callbacks: [lost] })])).toEqual([]);
  });

  it('blames us for news that never arrived and was not asked for either', () => {
    const rows = [stored('a'), stored('b', { jobStatus: 'sent', messageStatus: 'sent' })];
    const kinds = (log: CarrierMessage[]) =>
      accountFor(intended, rows, log, { isAsked: true }).violations.map(({ kind }) => kind);
    expect(kinds(goodLog)).toEqual(['unasked']);
    expect(kinds([taken(1, 'a'), taken(2, 'b', { status: 'sent' })])).toEqual([]);
  });

  it('lets the texts of other threads pass', () => {
    const two = [intended[0]!, { body: 'b', thread: 2, order: 0 }];
    expect(accountFor(two, good, [taken(2, 'a'), taken(1, 'b')]).violations).toEqual([]);
  });
});

function callback(status: string): CarrierMessage['callbacks'][number] {
  return { status, atMs: 1, attempt: 1, httpStatus: 200, error: null, duplicate: false, dropped: false };
}
