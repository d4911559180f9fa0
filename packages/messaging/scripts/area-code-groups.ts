import { groupByPlace, zonesByCountry } from './prefix-group.ts';
import type { PrefixGroup } from './prefix-group.ts';

const provinces = new Set('AB BC MB NB NL NS NT NU ON PE QC SK YT'.split(' '));

/** Reads `data/area-codes.tsv`. A code without a state or province gets the country of its zone. */
export function areaCodeGroups(table: string, zoneTable: string): PrefixGroup[] {
  const countries = zonesByCountry(zoneTable);
  const rows = table.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return groupByPlace(
    rows.map((line) => {
      const [code = '', zoneList = '', regionList = ''] = line.split('\t');
      const zones = zoneList.split(' ');
      const regions =
        regionList === '' ? countriesOf(zones, countries) : regionList.split(' ').map(withCountry);
      return { prefixes: [`1${code}`], zones, regions };
    }),
  );
}

function withCountry(region: string): string {
  return `${provinces.has(region) ? 'CA' : 'US'}-${region}`;
}

function countriesOf(zones: string[], countries: Map<string, string[]>): string[] {
  const found = [...countries].filter(([, own]) => own.some((zone) => zones.includes(zone)));
  if (found.length === 0) throw new Error(`No country for ${zones.join(', ')}`);
  return found.map(([country]) => country);
}
