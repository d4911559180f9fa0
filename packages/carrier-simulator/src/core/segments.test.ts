import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { countCarrierSegments, smartEncode } from './segments.ts';

describe('countCarrierSegments', () => {
  it.each([
    ['', 0],
    ['Hello', 1],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    [`${'a'.repeat(158)}€`, 1],
    [`${'a'.repeat(159)}€`, 2],
    ['ç'.repeat(70), 1],
    ['ç'.repeat(71), 2],
    ['😀'.repeat(35), 1],
    ['😀'.repeat(36), 2],
  ])('counts %j', (text, segments) => {
    expect(countCarrierSegments(text)).toBe(segments);
  });

  it.each([
    'Caffè for two, @ 9:30? ',
    'From 5€ [each] ~ ',
    'Привет, как дела? ',
    'Hi 👨‍👩‍👧‍👦 and 🇫🇷! ',
    'one\r\ntwo ç ',
  ])('agrees with Twilio’s calculator on %j at many lengths', (phrase) => {
    const characters = [...new Intl.Segmenter().segment(phrase.repeat(60))].map(({ segment }) => segment);
    for (const length of [1, 35, 66, 67, 68, 70, 71, 134, 153, 160, 161, 306, 307, 500]) {
      const text = characters.slice(0, length).join('');
      expect(countCarrierSegments(text)).toBe(new SegmentedMessage(text).segmentsCount);
    }
  });
});

describe('smartEncode', () => {
  it('replaces look-alikes and leaves everything else', () => {
    expect(smartEncode('“Tea” – it’s… 3€ ☕')).toBe('"Tea" - it\'s... 3€ ☕');
  });

  it('saves the parts that curly quotes cost', () => {
    const text = `“${'a'.repeat(100)}”`;
    expect([countCarrierSegments(text), countCarrierSegments(smartEncode(text))]).toEqual([2, 1]);
  });

  it('agrees with Twilio’s calculator', () => {
    const text = '‹Ünï› “quotes” … ½ price — now • ｆｕｌｌ\u00a0width\u200b!';
    expect(smartEncode(text)).toBe(new SegmentedMessage(text, 'auto', true).graphemes.join(''));
  });
});
