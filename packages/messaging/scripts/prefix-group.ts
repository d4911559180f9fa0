/** Prefixes of phone numbers (digits after the `+`) whose holders may be in the same zones and regions. */
export interface PrefixGroup {
  prefixes: string[];
  /** IANA names: every one that holders of such a number may live in. */
  zones: string[];
  /** ISO 3166-2 codes of states and provinces (`US-TX`), or ISO 3166-1 codes of countries (`JM`). */
  regions: string[];
}

/** Joins what lies in the same places into one group, so that the written form stays short. */
export function groupByPlace(entries: PrefixGroup[]): PrefixGroup[] {
  const groups = new Map<string, PrefixGroup>();
  for (const { prefixes, zones, regions } of entries) {
    const key = `${zones.join(' ')}|${regions.join(' ')}`;
    const group = groups.get(key) ?? { prefixes: [], zones, regions };
    group.prefixes.push(...prefixes);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Country codes (ISO 3166-1 alpha-2) and their zones, in the order of the IANA table `zone.tab`. */
export function zonesByCountry(zoneTable: string): Map<string, string[]> {
  const zones = new Map<string, string[]>();
  for (const line of zoneTable.split('\n')) {
    const [country, , zone] = line.split('\t');
    if (line.startsWith('#') || country === undefined || zone === undefined) continue;
    zones.set(country, [...(zones.get(country) ?? []), zone]);
  }
  return zones;
}
