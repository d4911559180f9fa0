import { areaCodeLines, callingCodeLines } from './area-codes.ts';
import { offsetAt } from './local-clock.ts';

export interface CandidateZones {
  /** IANA names; the recipient may be in any of them. */
  zones: string[];
  /** States and provinces (ISO 3166-2, `US-TX`) or countries (ISO 3166-1, `DE`) whose rules may apply. */
  regions: string[];
  /** How the zones were found. Regions always come from the number: several states presume residence from it. */
  foundBy: 'contact' | 'area_code' | 'country' | 'unknown';
}

// A number without a place may be anywhere from one end of the country to the other.
const zonesOfTheStates = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'America/Adak',
  'Pacific/Honolulu',
];
const easternmostCanada = ['America/Halifax', 'America/St_Johns'];

const areaCodes = readLines(areaCodeLines, 'area_code');
const callingCodes = readLines(callingCodeLines, 'country');

/**
 * Where the holder of a number (E.164) may be: the zone stored with the contact; else every zone of the area code; else
 * every zone of the country; else, for toll-free, personal and unassigned codes, every zone of the United States from
 * New York to Honolulu, with Halifax and St. John's when `countriesEnabled` (ISO 3166-1) has Canada.
 * A contact's zone that Intl does not know is a RangeError.
 */
export function candidateZones(recipient: {
  phoneNumber: string;
  contactTimeZone?: string | null;
  countriesEnabled?: readonly string[];
}): CandidateZones {
  const { phoneNumber, contactTimeZone, countriesEnabled = ['US'] } = recipient;
  const byNumber = byPrefix(phoneNumber.slice(1)) ?? nowhere(phoneNumber, countriesEnabled.includes('CA'));
  if (contactTimeZone == null) return byNumber;
  offsetAt(contactTimeZone, 0);
  return { zones: [contactTimeZone], regions: byNumber.regions, foundBy: 'contact' };
}

function byPrefix(digits: string): CandidateZones | null {
  for (const table of [areaCodes, callingCodes]) {
    for (const length of [4, 3, 2, 1]) {
      const found = table.get(digits.slice(0, length));
      if (found !== undefined) return structuredClone(found);
    }
  }
  return null;
}

function nowhere(phoneNumber: string, withCanada: boolean): CandidateZones {
  const countries = withCanada ? ['US', 'CA'] : ['US'];
  return {
    zones: withCanada ? [...zonesOfTheStates, ...easternmostCanada] : [...zonesOfTheStates],
    regions: phoneNumber.startsWith('+1') ? countries : [],
    foundBy: 'unknown',
  };
}

function readLines(lines: string, foundBy: CandidateZones['foundBy']): Map<string, CandidateZones> {
  const table = new Map<string, CandidateZones>();
  for (const line of lines.trim().split('\n')) {
    const [zones = [], regions = [], prefixes = []] = line.split('; ').map((part) => part.split(' '));
    for (const prefix of prefixes) table.set(prefix, { zones, regions, foundBy });
  }
  return table;
}
