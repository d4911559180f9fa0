import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { countSegments } from './segments.ts';

const family = '👨‍👩‍👧‍👦';
const flag = '🇺🇸';

const emptyCount = {
  encoding: 'gsm7',
  segments: 0,
  units: 0,
  unitsPerSegment: 160,
  remaining: 160,
  unicodeCharacters: [],
};

describe('countSegments', () => {
  it('counts no segment for the empty text', () => {
    expect(countSegments('')).toEqual(emptyCount);
  });

  it.each([
    [160, 1, 160, 0],
    [161, 2, 153, 145],
    [306, 2, 153, 0],
    [307, 3, 153, 152],
  ])('fits %i GSM-7 characters in %i parts', (length, segments, unitsPerSegment, remaining) => {
    expect(countSegments('a'.repeat(length))).toMatchObject({
      encoding: 'gsm7',
      segments,
      unitsPerSegment,
      remaining,
    });
  });

  it.each([
    [70, 1, 70, 0],
    [71, 2, 67, 63],
    [134, 2, 67, 0],
    [135, 3, 67, 66],
  ])('fits %i UCS-2 units in %i parts', (length, segments, unitsPerSegment, remaining) => {
    expect(countSegments('я'.repeat(length))).toMatchObject({
      encoding: 'ucs2',
      segments,
      unitsPerSegment,
      remaining,
    });
  });

  it('lets one foreign character turn the whole text, and names it once', () => {
    const count = countSegments(`It’s ${family} and that’s ${family}`);
    expect(count).toMatchObject({ encoding: 'ucs2', unicodeCharacters: ['’', family] });
  });

  it.each([...'\f^{}\\[~]|€'])('counts two units for the extension character %j', (character) => {
    expect(countSegments(character)).toMatchObject({ encoding: 'gsm7', units: 2 });
  });

  it.each([...'çáíóúêãõ`\t“”‘’–—…\u00a0ΑΒΕ\u001b'])('does not take %j for GSM-7', (character) => {
    expect(countSegments(character).encoding).toBe('ucs2');
  });

  it.each([...'Çéèàùìò€ΔΦ\n\r'])('takes %j for GSM-7', (character) => {
    expect(countSegments(character).encoding).toBe('gsm7');
  });

  it('counts a Windows line break as two characters and may split it', () => {
    expect(countSegments('\r\n')).toMatchObject({ encoding: 'gsm7', units: 2 });
    expect(countSegments(`${'a'.repeat(152)}\r\n${'a'.repeat(152)}`)).toMatchObject({
      segments: 2,
      remaining: 0,
    });
  });

  it('leaves the 153rd place empty rather than split an extension character', () => {
    expect(countSegments(`${'a'.repeat(152)}€${'a'.repeat(152)}`).segments).toBe(3);
  });

  it('never splits an emoji over two parts', () => {
    expect(countSegments(`${'я'.repeat(66)}😀${'я'.repeat(66)}`).segments).toBe(3);
    expect(countSegments(`${'я'.repeat(60)}${family}${'я'.repeat(60)}`).segments).toBe(3);
    expect(countSegments(`${'я'.repeat(64)}${flag}${'я'.repeat(64)}`).segments).toBe(3);
  });

  it.each([
    ['😀', 2],
    [flag, 4],
    ['👍🏽', 4],
    [family, 11],
  ])('counts %s as %s units', (emoji, units) => {
    expect(countSegments(emoji).units).toBe(units);
  });

  it('cuts a cluster longer than a part between its characters', () => {
    expect(countSegments(`e${'\u0301'.repeat(200)}`)).toMatchObject({
      units: 201,
      segments: 3,
      remaining: 0,
    });
  });

  it('agrees with the calculator of a carrier', () => {
    const alphabet = [
      ...'abc XYZ 0189 @£$ èéÇ ΔΦ \n ^{}\\[~]| € €',
      ...['\r\n', 'ç', '`', '“', '–', '…', 'я', '漢', '\u00a0', '😀', '👍🏽', flag, 'e\u0301', '❤️'],
    ];
    const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 400, size: 'max' });
    const gsm7Text = fc.string({ unit: fc.constantFrom(...'ab{€\n'), maxLength: 700, size: 'max' });
    const anyText = fc.string({ unit: 'grapheme-ascii', maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(text, gsm7Text, anyText), (body) => {
        fc.pre(body !== '');
        const oracle = new SegmentedMessage(body);
        const encoding = oracle.encodingName === 'GSM-7' ? 'gsm7' : 'ucs2';
        expect(countSegments(body)).toMatchObject({ encoding, segments: oracle.segmentsCount });
      }),
      { numRuns: 400 },
    );
  });

  it('counts as many parts as the units need, and at most what keeping characters whole can add', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500, size: 'max' }), (body) => {
        const { segments, units, unitsPerSegment, remaining } = countSegments(body);
        expect(segments * unitsPerSegment).toBeGreaterThanOrEqual(units);
        expect(remaining).toBeGreaterThanOrEqual(0);
        expect(remaining).toBeLessThanOrEqual(unitsPerSegment);
        expect(countSegments(body + 'a').segments).toBeGreaterThanOrEqual(segments);
      }),
    );
  });
});
