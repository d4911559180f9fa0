import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keywordIntent } from './intent.ts';

interface LabelledText {
  text: string;
  label: 'opt_out' | 'opt_in' | 'help' | 'none' | 'auto_reply';
  note: string;
}

const corpus = JSON.parse(
  readFileSync(new URL('./fixtures/optout-corpus.json', import.meta.url), 'utf8'),
) as LabelledText[];

const textsWith = (...labels: LabelledText['label'][]) =>
  corpus.filter(({ label }) => labels.includes(label)).map(({ text }) => text);

describe('keywordIntent', () => {
  it.each(['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe'])(
    'takes the word of 47 CFR 64.1200(a)(10) "%s" as stop in any case and punctuation',
    (word) => {
      const letterCase = fc.mixedCase(fc.constant(word));
      const decoration = fc.string({
        unit: fc.constantFrom(...' \n\t.,!?"\'()*-_…“”\u200b\u00a0🛑👍🏽'),
        maxLength: 6,
      });
      fc.assert(
        fc.property(decoration, letterCase, decoration, (before, text, after) => {
          expect(keywordIntent(before + text + after)).toBe('stop');
        }),
      );
    },
  );

  it.each([
    ...[
      'STOPALL',
      'stop all',
      'STOP-ALL',
      'OPTOUT',
      'opt-out',
      'Unsub',
      'remove',
      'ARRET',
      'Arrêt',
      'arre\u0302t',
    ],
    ...['S.T.O.P.', 's t o p', 'ＳＴＯＰ', 'Ⓢⓣⓞⓟ', '\ufeffSTOP\u200d', 'STOP\r\n'],
  ])('takes %j as stop', (text) => {
    expect(keywordIntent(text)).toBe('stop');
  });

  it.each(['START', 'Start.', 'unstop', 'UN-STOP'])('takes %j as start', (text) => {
    expect(keywordIntent(text)).toBe('start');
  });

  it.each(['HELP', 'Help!', 'help?', 'info', 'INFO.'])('takes %j as help', (text) => {
    expect(keywordIntent(text)).toBe('help');
  });

  it.each(['yes', 'YES', 'Y', 'ok', 'subscribe', '👍'])('takes %j as no proof of consent', (text) => {
    expect(keywordIntent(text)).toBeNull();
  });

  it.each([
    '',
    '   ',
    '?!',
    '🛑',
    'Cancel my appointment',
    "don't stop",
    'stop 2',
    'nonstop',
    'the end',
    'help me',
  ])('leaves %j to people', (text) => {
    expect(keywordIntent(text)).toBeNull();
  });

  it('never reads a keyword into ordinary talk or an automatic answer', () => {
    const misread = textsWith('none', 'auto_reply').filter((text) => keywordIntent(text) !== null);
    expect(misread).toEqual([]);
  });

  it('never mistakes one wish for another', () => {
    expect(
      textsWith('opt_out').filter((text) => ['start', 'help'].includes(keywordIntent(text) ?? '')),
    ).toEqual([]);
    expect(
      textsWith('opt_in').filter((text) => ['stop', 'help'].includes(keywordIntent(text) ?? '')),
    ).toEqual([]);
    expect(textsWith('help').filter((text) => ['stop', 'start'].includes(keywordIntent(text) ?? ''))).toEqual(
      [],
    );
  });

  it('finds every bare stop keyword of the labelled texts', () => {
    const bare = corpus.filter(({ note }) =>
      [
        'FCC keyword, bare',
        'provider/CTIA keyword variant',
        'keyword with punctuation/case/whitespace',
      ].includes(note),
    );
    expect(bare.length).toBeGreaterThan(15);
    expect(bare.filter(({ text }) => keywordIntent(text) !== 'stop')).toEqual([]);
  });
});
