/** Every text in the basic table costs one unit (3GPP TS 23.038 §6.2.1); ESC is left out, being no text of its own. */
const gsm7Basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** The extension table costs two units, an escape and the character (3GPP TS 23.038 §6.2.1.1). */
const gsm7Extension = new Set('\f^{}\\[~]|€');

/** Units that fit one part: alone, and with the six-byte header a part of several carries (3GPP TS 23.040 §9.2.3.24). */
const capacity = {
  gsm7: { single: 160, part: 153 },
  ucs2: { single: 70, part: 67 },
} as const;

export type SegmentEncoding = keyof typeof capacity;

export interface SegmentCount {
  encoding: SegmentEncoding;
  /** Parts the carrier bills; 0 for the empty text. */
  segments: number;
  /** Septets for `gsm7` (extension characters count two), UTF-16 code units for `ucs2`. */
  units: number;
  unitsPerSegment: number;
  /** Units still free in the last part. */
  remaining: number;
  /** The distinct characters that forced `ucs2`, in order of appearance, whole emoji kept together. */
  unicodeCharacters: string[];
}

/** Counts the parts a text is sent in. Nothing a reader sees as one character is split over two parts. */
export function countSegments(text: string): SegmentCount {
  const unicodeCharacters = findUnicodeCharacters(text);
  const encoding = unicodeCharacters.length === 0 ? 'gsm7' : 'ucs2';
  const pieces = encoding === 'gsm7' ? Array.from(text, gsm7Units) : ucs2Pieces(text);
  const units = pieces.reduce((sum, size) => sum + size, 0);
  const { single, part } = capacity[encoding];
  if (units <= single) {
    const segments = units === 0 ? 0 : 1;
    return {
      encoding,
      segments,
      units,
      unitsPerSegment: single,
      remaining: single - units,
      unicodeCharacters,
    };
  }
  const { segments, lastUsed } = packParts(pieces, part);
  return { encoding, segments, units, unitsPerSegment: part, remaining: part - lastUsed, unicodeCharacters };
}

function findUnicodeCharacters(text: string): string[] {
  if (isGsm7(text)) return [];
  return [...new Set(graphemes(text).filter((grapheme) => !isGsm7(grapheme)))];
}

function isGsm7(text: string): boolean {
  for (const character of text) {
    if (!gsm7Basic.has(character) && !gsm7Extension.has(character)) return false;
  }
  return true;
}

function gsm7Units(character: string): number {
  return gsm7Extension.has(character) ? 2 : 1;
}

function graphemes(text: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** UTF-16 sizes of what must stay together. */
function ucs2Pieces(text: string): number[] {
  return graphemes(text).flatMap((grapheme) => {
    // A line break is one grapheme, yet nothing is lost when it falls between two parts. A cluster longer than a part
    // has to be cut somewhere: between its characters, never inside one.
    const splittable = grapheme === '\r\n' || grapheme.length > capacity.ucs2.part;
    return splittable ? Array.from(grapheme, (character) => character.length) : [grapheme.length];
  });
}

function packParts(pieces: number[], part: number): { segments: number; lastUsed: number } {
  let segments = 1;
  let lastUsed = 0;
  for (const size of pieces) {
    if (lastUsed + size > part) {
      segments += 1;
      lastUsed = 0;
    }
    lastUsed += size;
  }
  return { segments, lastUsed };
}
