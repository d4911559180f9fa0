import { describe, expect, test } from 'vitest';
import {
  accountState,
  describeAlert,
  letterReason,
  plural,
  spellDuration,
  workerSilence,
} from './delivery-words.ts';

test.each([
  [0, 'a moment'],
  [40, '40 seconds'],
  [89, '89 seconds'],
  [90, '2 minutes'],
  [3_600, '60 minutes'],
  [7_800, '2 hours 10 minutes'],
  [86_400, '24 hours'],
  [259_200, '3 days'],
])('%i seconds are spelled "%s"', (seconds, words) => {
  expect(spellDuration(seconds)).toBe(words);
});

test.each([
  [1, '1 message'],
  [1200, '1,200 messages'],
  [100_000, '100,000+ messages'],
])('%i of them are spelled "%s"', (count, words) => {
  expect(plural(count, 'message')).toBe(words);
});

describe('an account', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  const account = {
    id: '01900000-0000-7000-8000-00000000aaaa',
    label: 'Main',
    provider: 'carrier',
    status: 'active' as const,
    paused_until: null,
    pause_reason: null,
    daily_cap: null,
    used_today: 0,
    lines: 10,
  };

  test.each([
    ['working', {}],
    ['paused', { paused_until: '2026-11-20T10:01:00+00:00', pause_reason: 'no_answer' }],
    ['trying', { paused_until: '2026-11-20T09:59:00+00:00', pause_reason: 'no_answer' }],
    ['off', { status: 'disabled' as const }],
  ])('is %s', (state, change) => {
    expect(accountState({ ...account, ...change }, now)).toBe(state);
  });
});

describe('a worker', () => {
  const checked_at = '2026-11-20T10:00:00+00:00';

  test('that swept a while ago is silent, and for how long', () => {
    expect(workerSilence({ worker_seen_at: '2026-11-20T09:58:00+00:00', checked_at })).toEqual({
      isSilent: true,
      seconds: 120,
    });
  });

  test('that swept just now is not', () => {
    expect(workerSilence({ worker_seen_at: '2026-11-20T09:59:40+00:00', checked_at }).isSilent).toBe(false);
  });

  test('nobody ever heard of is', () => {
    expect(workerSilence({ worker_seen_at: null, checked_at })).toEqual({ isSilent: true, seconds: null });
  });
});

test('an alert nobody wrote words for is shown all the same', () => {
  expect(describeAlert({ kind: 'moon_too_full', details: {} }).title).toBe('moon too full');
});

describe('carrier events nobody acts on', () => {
  const words = (details: Record<string, unknown>) =>
    describeAlert({ kind: 'events_failed', details: { texts: 0, reports: 0, numbers: [], ...details } });

  test('name the number that is not set up', () => {
    const { title, meaning } = words({ texts: 2, reason: 'unknown_number', numbers: ['+12125550177'] });
    expect(title).toBe('2 texts did not get into the inbox');
    expect(meaning).toContain('(212) 555-0177, which is not set up');
  });

  test('give the error of the database', () => {
    const { title, meaning } = words({ reports: 1, reason: 'sqlstate_22000' });
    expect(title).toBe('1 delivery report could not be acted on');
    expect(meaning).toContain('error 22000');
  });
});

test('a text that went out after a STOP is called that', () => {
  const titleOf = (reason: string) => describeAlert({ kind: 'recall_too_late', details: { reason } }).title;
  expect(titleOf('opted_out')).toContain('after a STOP');
  expect(titleOf('cancelled')).not.toContain('STOP');
  expect(describeAlert({ kind: 'sent_after_recall', details: {} }).title).toContain('all the same');
});

test('texts that came late are counted, and where they are to be found is said', () => {
  const details = { texts: 3, phone_number: '+12125550177' };
  const { title, meaning } = describeAlert({ kind: 'texts_late', details });
  expect(title).toBe('3 texts came late');
  expect(meaning).toContain('(212) 555-0177');
  expect(meaning).toContain('in the inbox');
});

test('a late queue says how late', () => {
  expect(describeAlert({ kind: 'jobs_late', details: { oldest_seconds: 600 } }).meaning).toContain(
    '10 minutes',
  );
});

test('a reason does not promise a try that will not come', () => {
  expect(letterReason('x', 'The carrier could not be reached. This will be tried again.')).toBe(
    'The carrier could not be reached.',
  );
});
