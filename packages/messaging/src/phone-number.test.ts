import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPhoneNumber, maskPhoneNumber, parsePhoneNumber } from './phone-number.ts';

describe('parsePhoneNumber', () => {
  it.each([
    ['+13125550001', 'US'],
    ['(312) 555-0001', 'US'],
    ['312.555.0001', 'US'],
    ['1 312 555 0001', 'US'],
    ['３１２５５５０００１', 'US'],
    ['\u202a+1 (312) 555‑0001\u202c', 'US'],
    ['tel:+1-312-555-0001', 'US'],
  ])('reads %j however it was typed', (text, country) => {
    expect(parsePhoneNumber(text)).toEqual({ ok: true, e164: '+13125550001', country });
  });

  it('reads numbers of other countries, with their prefix or in their own default country', () => {
    const expected = { ok: true, e164: '+33612345678', country: 'FR' };
    expect(parsePhoneNumber('+33 6 12 34 56 78')).toEqual(expected);
    expect(parsePhoneNumber('011 33 6 12 34 56 78')).toEqual(expected);
    expect(parsePhoneNumber('06 12 34 56 78', 'FR')).toEqual(expected);
  });

  it.each(['+15005550006', '500 555 0001'])('accepts the test number %s that carriers answer', (text) => {
    expect(parsePhoneNumber(text)).toMatchObject({ ok: true });
  });

  it.each([
    ['', 'empty'],
    [' \u200b\n', 'empty'],
    ['tel:', 'empty'],
    ['abc', 'not_a_number'],
    ['+', 'not_a_number'],
    ['1-800-FLOWERS', 'not_a_number'],
    ['call me on 312 555 0001', 'not_a_number'],
    ['312 555 0001, 312 555 0002', 'not_a_number'],
    ['+999 123 4567', 'unknown_country'],
    ['911', 'too_short'],
    ['555 1234', 'too_short'],
    ['+1312555000', 'too_short'],
    ['+131255500012', 'too_long'],
    ['9'.repeat(300), 'too_long'],
    ['0000000000', 'impossible'],
    ['123 456 7890', 'impossible'],
    ['202-555-0123 ext 5', 'has_extension'],
    ['+1 202 555 0123 x5', 'has_extension'],
    ['+1 202 555 0123;ext=5', 'has_extension'],
  ])('refuses %j: %s', (text, reason) => {
    expect(parsePhoneNumber(text)).toEqual({ ok: false, reason });
  });

  it('refuses a default country that does not exist', () => {
    expect(() => parsePhoneNumber('3125550001', 'XX')).toThrow(RangeError);
  });

  it('throws for no text, and reads its own answer back', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789+-() .x#;ext=\u202a'), maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(digits, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parsePhoneNumber(text);
        if (!parsed.ok) return;
        expect(parsed.e164).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(parsePhoneNumber(parsed.e164)).toMatchObject({ ok: true, e164: parsed.e164 });
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatPhoneNumber', () => {
  it.each([
    ['+13125550001', '(312) 555-0001'],
    ['+16135550123', '(613) 555-0123'],
    ['+447911123456', '+44 7911 123456'],
    ['+15005550006', '(500) 555-0006'],
  ])('shows %s as %s', (e164, shown) => {
    expect(formatPhoneNumber(e164)).toBe(shown);
  });

  it.each(['72345', 'ACME', '', '+999123'])('shows %j, which is no E.164 number, as it is', (text) => {
    expect(formatPhoneNumber(text)).toBe(text);
  });
});

describe('maskPhoneNumber', () => {
  it('keeps the last four digits', () => {
    expect(maskPhoneNumber('+13125550001')).toBe('+*******0001');
    expect(maskPhoneNumber('(312) 555-0001')).toBe('******0001');
  });

  it.each(['', '72345', '5551234', 'no number here'])('keeps nothing of %j, too short to hide', (text) => {
    expect(maskPhoneNumber(text)).toBe('****');
  });
});
