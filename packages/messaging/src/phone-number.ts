// The `min` metadata (83 KB) is chosen over `mobile` and `max`: the browser carries it, and what the larger sets add
// does not help us. US numbers come back as "fixed line or mobile" in all of them, and `mobile` refuses the +1 500
// numbers that carriers answer as test numbers.
import {
  isSupportedCountry,
  ParseError,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/min';

export { maskPhoneNumber } from './mask-phone-number.ts';

export type PhoneNumberProblem =
  'empty' | 'not_a_number' | 'unknown_country' | 'too_short' | 'too_long' | 'impossible' | 'has_extension';

export type ParsedPhoneNumber =
  { ok: true; e164: string; country: string | null } | { ok: false; reason: PhoneNumberProblem };

// Contact apps wrap copied numbers in invisible direction marks, which no parser expects.
const invisible = /\p{Cf}/gu;
const linkPrefix = /^(?:tel|sms):/i;

/**
 * Reads a phone number as people type, paste or import it.
 * `defaultCountry` (ISO 3166-1 alpha-2) applies to numbers without a leading `+`.
 * `e164` is `+` and at most 15 digits (ITU-T E.164); `country` is null where a number belongs to no single country.
 * `impossible` means the length is right but no numbering plan assigns such a number. Throws nothing for any text;
 * a `defaultCountry` that does not exist is a RangeError, being a mistake of the caller.
 */
export function parsePhoneNumber(text: string, defaultCountry = 'US'): ParsedPhoneNumber {
  if (!isSupportedCountry(defaultCountry)) throw new RangeError(`No such country: ${defaultCountry}`);
  const cleaned = text.replace(invisible, '').trim().replace(linkPrefix, '');
  if (cleaned === '') return { ok: false, reason: 'empty' };
  // `extract: false` refuses text around the number, so a pasted sentence never becomes a recipient.
  const options = { defaultCountry, extract: false };
  try {
    const parsed = parsePhoneNumberWithError(cleaned, options);
    // An SMS cannot reach an extension; dropping it in silence would text a switchboard.
    if (parsed.ext !== undefined) return { ok: false, reason: 'has_extension' };
    const lengthProblem = validatePhoneNumberLength(cleaned, options);
    if (lengthProblem !== undefined) return { ok: false, reason: reasonFor(lengthProblem) };
    if (!parsed.isValid()) return { ok: false, reason: 'impossible' };
    return { ok: true, e164: parsed.number, country: parsed.country ?? null };
  } catch (error) {
    if (error instanceof ParseError) return { ok: false, reason: reasonFor(error.message) };
    throw error;
  }
}

/** An E.164 number as people read it: national in the +1 plan, `(312) 555-0001`, international elsewhere. */
export function formatPhoneNumber(e164: string): string {
  try {
    const parsed = parsePhoneNumberWithError(e164, { extract: false });
    return parsed.countryCallingCode === '1' ? parsed.formatNational() : parsed.formatInternational();
  } catch (error) {
    // Short codes and alphanumeric senders are already as people know them.
    if (error instanceof ParseError) return e164;
    throw error;
  }
}

function reasonFor(libraryCode: string): PhoneNumberProblem {
  switch (libraryCode) {
    case 'TOO_SHORT':
      return 'too_short';
    case 'TOO_LONG':
      return 'too_long';
    case 'INVALID_COUNTRY':
      return 'unknown_country';
    case 'INVALID_LENGTH':
      return 'impossible';
    default:
      return 'not_a_number';
  }
}
