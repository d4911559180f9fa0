import metadata from 'libphonenumber-js/metadata.min.json';
import { offsetAt } from '../src/local-clock.ts';
import { groupByPlace, zonesByCountry } from './prefix-group.ts';
import type { PrefixGroup } from './prefix-group.ts';

// Places with a calling code of their own that zone.tab files under another country or not at all.
const zonesElsewhere: Record<string, string[]> = {
  AC: ['Atlantic/St_Helena'],
  TA: ['Atlantic/St_Helena'],
  XK: ['Europe/Belgrade'],
};

// Kazakhstan shares +7 with Russia; the metadata gives it the numbers that begin with 7.
const finerPrefixes: [string, string[]][] = [['77', ['KZ']]];

// Where the first of several zones with one clock is a place few people know, these names stand for it.
const betterKnown = new Set([
  'America/Manaus',
  'America/Rio_Branco',
  'America/Sao_Paulo',
  'Australia/Adelaide',
  'Australia/Sydney',
]);

/** Twelve hours, over the three years from which the zones of a country must agree to count as one. */
const step = 12 * 3_600_000;
const years = { from: Date.UTC(2026, 10, 1), to: Date.UTC(2029, 10, 1) };

/**
 * Every country outside the North American plan by calling code (libphonenumber-js metadata) with the zones of the IANA
 * table. Zones of one calling code whose clocks agree in the years to come are listed once.
 */
export function callingCodeGroups(zoneTable: string): PrefixGroup[] {
  const countryZones = new Map([...zonesByCountry(zoneTable), ...Object.entries(zonesElsewhere)]);
  const codes: [string, string[]][] = [
    ...Object.entries(metadata.country_calling_codes).filter(([code]) => code !== '1'),
    ...finerPrefixes,
  ];
  const entries = codes
    .filter(([, countries]) => countries.every((country) => country !== '001'))
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([code, countries]) => ({
      prefixes: [code],
      zones: withDifferentClocks(countries.flatMap((country) => zonesOf(country, countryZones))),
      regions: countries,
    }));
  return groupByPlace(entries);
}

function zonesOf(country: string, countryZones: Map<string, string[]>): string[] {
  const zones = countryZones.get(country);
  if (zones === undefined) throw new Error(`No zone for ${country}`);
  return zones;
}

function withDifferentClocks(zones: string[]): string[] {
  if (zones.length === 1) return zones;
  const byClock = new Map<string, string>();
  for (const zone of zones.toSorted((a, b) => Number(betterKnown.has(b)) - Number(betterKnown.has(a)))) {
    const clock = offsets(zone);
    if (!byClock.has(clock)) byClock.set(clock, zone);
  }
  return [...byClock.values()];
}

function offsets(zone: string): string {
  const samples: number[] = [];
  for (let at = years.from; at < years.to; at += step) samples.push(offsetAt(zone, at));
  return samples.join(' ');
}
