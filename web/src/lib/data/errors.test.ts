import { PostgrestError } from '@supabase/supabase-js';
import { describe, expect, test } from 'vitest';
import { DataError, toDataError, unwrap } from './errors.ts';
import { z } from './schema.ts';

function refused(code: string, message: string, status: number): DataError {
  const error = new PostgrestError({ code, message, details: '', hint: '' });
  try {
    unwrap(z.unknown(), { data: null, error, status });
  } catch (thrown) {
    return toDataError(thrown);
  }
  throw new Error('unwrap did not throw');
}

describe('unwrap', () => {
  test('gives the parsed data of a good answer', () => {
    expect(unwrap(z.array(z.int()), { data: [1, 2], error: null, status: 200 })).toEqual([1, 2]);
  });

  test('passes on the sentence our SQL wrote for people', () => {
    const error = refused('TL103', 'This person has opted out of texts', 400);
    expect([error.kind, error.code, error.message]).toEqual([
      'refused',
      'recipient_opted_out',
      'This person has opted out of texts.',
    ]);
  });

  test('tells nothing apart that the database keeps together', () => {
    expect(refused('TL001', 'You are not permitted to do this', 400).code).toBe('not_permitted');
    expect(refused('22P02', 'invalid input syntax for type uuid: "x"', 400).code).toBe('not_permitted');
    expect(refused('22P05', 'unsupported Unicode escape sequence', 400).code).toBe('not_permitted');
  });

  test.each([
    [0, 'offline'],
    [502, 'offline'],
    [503, 'offline'],
    [429, 'offline'],
    [401, 'signed_out'],
    [400, 'unexpected'],
  ])('takes status %i as %s', (status, kind) => {
    expect(refused('', 'something technical', status).kind).toBe(kind);
  });

  test('never shows a technical message', () => {
    expect(refused('42883', 'function public.nope() does not exist', 404).message).not.toContain('nope');
  });

  test('refuses an answer of the wrong shape', () => {
    const wrong = () =>
      unwrap(z.object({ cursor: z.string() }), { data: { cursor: 1 }, error: null, status: 200 });
    expect(wrong).toThrow(DataError);
  });
});

test('a fetch that found no network counts as offline', () => {
  expect(toDataError(new TypeError('fetch failed')).kind).toBe('offline');
});
