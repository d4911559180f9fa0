import { expect, describe, it } from 'vitest';
import { areaCodeLines, callingCodeLines } from './area-codes.ts';
import { candidateZones } from './candidate-zones.ts';

const acrossTheStates = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'America/Adak',
  'Pacific/Honolulu',
];

describe('where the holder of a number may be', () => {
  it.each([
    ['+12125550123', 'area_code', ['America/New_York'], ['US-NY']],
    ['+18505550123', 'area_code', ['America/Chicago', 'America/New_York'], ['US-FL']],
    ['+19285550123', 'area_code', ['America/Denver', 'America/Phoenix'], ['US-AZ']],
    ['+15745550123', 'area_code', ['America/Chicago', 'America/New_York'], ['US-IN']],
    ['+17825550123', 'area_code', ['America/Halifax'], ['CA-NS', 'CA-PE']],
    ['+17875550123', 'area_code', ['America/Puerto_Rico'], ['US-PR']],
    ['+18765550123', 'area_code', ['America/Jamaica'], ['JM']],
    ['+447700900123', 'country', ['Europe/London'], ['GB', 'GG', 'IM', 'JE']],
    ['+9779812345678', 'country', ['Asia/Kathmandu'], ['NP']],
    ['+5491123456789', 'country', ['America/Argentina/Buenos_Aires'], ['AR']],
    ['+77011234567', 'country', ['Asia/Almaty'], ['KZ']],
    ['+38344123456', 'country', ['Europe/Belgrade'], ['XK']],
    ['+18005550123', 'unknown', acrossTheStates, ['US']],
    ['+18335550123', 'unknown', acrossTheStates, ['US']],
    ['+15005550123', 'unknown', acrossTheStates, ['US']],
    ['+15225550123', 'unknown', acrossTheStates, ['US']],
    ['+18375550123', 'unknown', acrossTheStates, ['US']],
    ['+80012345678', 'unknown', acrossTheStates, []],
  ])('%s: %s', (phoneNumber, foundBy, zones, regions) => {
    expect(candidateZones({ phoneNumber })).toEqual({ zones, regions, foundBy });
  });

  it("is the contact's own zone when one is stored, with the regions of the number", () => {
    const contactTimeZone = 'America/Los_Angeles';
    expect(candidateZones({ phoneNumber: '+12145550123', contactTimeZone })).toEqual({
      zones: ['America/Los_Angeles'],
      regions: ['US-TX'],
      foundBy: 'contact',
    });
    expect(candidateZones({ phoneNumber: '+12145550123', contactTimeZone: null }).foundBy).toBe('area_code');
  });

  it('reaches to Halifax and St. John’s where Canada is texted', () => {
    const countriesEnabled = ['CA', 'US'];
    expect(candidateZones({ phoneNumber: '+18005550123', countriesEnabled })).toEqual({
      zones: [...acrossTheStates, 'America/Halifax', 'America/St_Johns'],
      regions: ['US', 'CA'],
      foundBy: 'unknown',
    });
    expect(candidateZones({ phoneNumber: '+12125550123', countriesEnabled }).zones).toEqual([
      'America/New_York',
    ]);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => candidateZones({ phoneNumber: '+12125550123', contactTimeZone: 'Mars/Olympus' })).toThrow(
      RangeError,
    );
  });

  it('hands out copies, so that nobody can change the table', () => {
    candidateZones({ phoneNumber: '+12125550123' }).zones.push('Mars/Olympus');
    candidateZones({ phoneNumber: '+18005550123' }).zones.push('Mars/Olympus');
    expect(candidateZones({ phoneNumber: '+12125550123' }).zones).toEqual(['America/New_York']);
    expect(candidateZones({ phoneNumber: '+18005550123' }).zones).toEqual(acrossTheStates);
  });
});

describe('the table of prefixes', () => {
  const rows = `${areaCodeLines.trim()}\n${callingCodeLines.trim()}`
    .split('\n')
    .map((line) => line.split('; ').map((part) => part.split(' ')));
  const prefixes = rows.flatMap(([, , list = []]) => list);

  it('has 441 area codes and more than 200 calling codes, each once', () => {
    expect(prefixes.filter((prefix) => /^1\d{3}$/.test(prefix))).toHaveLength(441);
    expect(prefixes.filter((prefix) => /^[2-9]\d{0,2}$/.test(prefix)).length).toBeGreaterThan(200);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  it('names only zones that Intl knows', () => {
    const zones = new Set(rows.flatMap(([list = []]) => list));
    const unknown = [...zones].filter((timeZone) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone === '';
      } catch {
        return true;
      }
    });
    expect(unknown).toEqual([]);
  });

  it('names regions by country, so that KY the islands and KY the state cannot meet', () => {
    const regions = rows.flatMap(([, list = []]) => list);
    expect(regions.filter((region) => !/^[A-Z]{2}(-[A-Z]{2})?$/.test(region))).toEqual([]);
    expect(candidateZones({ phoneNumber: '+13455550123' }).regions).toEqual(['KY']);
    expect(candidateZones({ phoneNumber: '+15025550123' }).regions).toEqual(['US-KY']);
  });
});
