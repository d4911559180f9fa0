import { describe, expect, test } from 'vitest';
import { formatDay, formatRelative, initials, previewLine, stableHue } from './format.ts';

// A Friday, 13:00 in Chicago.
const viewpoint = { now: Date.parse('2026-11-20T19:00:00Z'), timeZone: 'America/Chicago' };

describe('formatRelative', () => {
  test.each([
    ['2026-11-20T18:59:40Z', 'now'],
    ['2026-11-20T18:48:00Z', '12 min'],
    ['2026-11-20T15:05:00Z', '9:05 AM'],
    ['2026-11-20T05:30:00Z', 'Yesterday'],
    ['2026-11-17T15:00:00Z', 'Tue'],
    ['2026-03-04T15:00:00Z', 'Mar 4'],
    ['2025-03-04T15:00:00Z', 'Mar 4, 2025'],
  ])('says %s as %s', (moment, words) => {
    expect(formatRelative(moment, viewpoint)).toBe(words);
  });

  test('calls a moment ahead of a slow clock now', () => {
    expect(formatRelative('2026-11-20T19:00:30Z', viewpoint)).toBe('now');
  });
});

describe('formatDay', () => {
  test('names today and yesterday, and the year only when it is another', () => {
    expect(formatDay('2026-11-20T15:00:00Z', viewpoint)).toBe('Today');
    expect(formatDay('2026-11-20T05:30:00Z', viewpoint)).toBe('Yesterday');
    expect(formatDay('2026-11-03T15:00:00Z', viewpoint)).toBe('Tuesday, November 3');
    expect(formatDay('2025-11-03T15:00:00Z', viewpoint)).toBe('Monday, November 3, 2025');
  });
});

describe('initials', () => {
  test('takes the first letters of the first and the last word', () => {
    expect(initials('Ann Marie O’Neil', '+13125550123')).toBe('AO');
    expect(initials('élodie', '+13125550123')).toBe('É');
  });

  test('falls back to the last digits when there is no name', () => {
    expect(initials(null, '+13125550123')).toBe('23');
    expect(initials('🙂', '+13125550123')).toBe('23');
  });
});

test('a colour stays the same for the same person', () => {
  expect(stableHue('ann')).toBe(stableHue('ann'));
  expect(stableHue('ann')).not.toBe(stableHue('bob'));
});

describe('previewLine', () => {
  const last = {
    id: '01900000-0000-7000-8000-000000000001',
    sequence: 1,
    direction: 'outbound' as const,
    preview: 'See you at noon',
    has_media: false,
    status: 'delivered' as const,
    author_name: 'Ann Lee',
    created_at: '2026-11-20T15:00:00Z',
  };

  test('says You for the reader and the first name for a colleague', () => {
    expect(previewLine(last, 'Ann Lee')).toEqual({ speaker: 'You', text: 'See you at noon' });
    expect(previewLine(last, 'Bob Ray')).toEqual({ speaker: 'Ann', text: 'See you at noon' });
  });

  test('says nothing before what the customer wrote', () => {
    expect(previewLine({ ...last, direction: 'inbound' }, 'Ann Lee').speaker).toBeNull();
  });

  test('names a picture that came without words', () => {
    expect(previewLine({ ...last, direction: 'inbound', preview: '', has_media: true }, 'Ann Lee').text).toBe(
      'Picture',
    );
  });
});
