import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownRule, quietHoursCases } from './fixtures/quiet-hours-cases.ts';
import { bindingRules, candidateZones, isOpenAt, nextAllowedTime, shippedQuietHours } from './quiet-hours.ts';
import type { QuietHoursRule } from './quiet-hours.ts';

const instant = (text: string | null) => (text === null ? null : new Date(text));

describe('the next allowed time', () => {
  it.each(quietHoursCases)('$name', (given) => {
    const place = candidateZones(given);
    const rules = bindingRules({
      ...given,
      rules: given.rules ?? [...shippedQuietHours, ...(given.ownRules ?? [])],
      regions: place.regions,
    });
    const answer = nextAllowedTime({ at: new Date(given.at), zones: given.zones ?? place.zones, rules });
    expect({ from: answer.from, until: answer.until }).toEqual({
      from: instant(given.from),
      until: instant(given.until),
    });
    if (given.decisiveZone !== undefined) expect(answer.decisiveZone).toBe(given.decisiveZone);
  });

  const minute = 60_000;
  const zones = fc.uniqueArray(
    fc.constantFrom(
      'America/New_York',
      'America/Phoenix',
      'America/Denver',
      'America/St_Johns',
      'Pacific/Honolulu',
      'Europe/London',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Australia/Eucla',
      'Pacific/Chatham',
    ),
    { minLength: 1, maxLength: 3 },
  );
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const rule = fc
    .record({
      window: fc.option(fc.tuple(fc.integer({ min: 0, max: 1080 }), fc.integer({ min: 1, max: 1440 })), {
        freq: 8,
      }),
      weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
      effectiveFrom: fc.constantFrom('2020-01-01', '2026-03-08', '2026-11-01'),
      effectiveTo: fc.constantFrom(null, '2026-03-09', '2026-11-02'),
    })
    .map(({ window, weekdays, effectiveFrom, effectiveTo }): QuietHoursRule => {
      const hours =
        window === null
          ? {}
          : { opensAt: clock(window[0]), closesAt: clock(Math.min(1440, window[0] + window[1])) };
      return ownRule({ weekdays, effectiveFrom, effectiveTo, ...hours });
    });
  // The days around a change of the clock somewhere.
  const at = fc
    .tuple(
      fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-03', '2026-10-02', '2026-10-30', '2026-07-01'),
      fc.integer({ min: 0, max: 3 * 24 * 3_600_000 }),
    )
    .map(([day, after]) => new Date(Date.parse(day) + after));

  it('is open in every zone, and no earlier minute is', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(at, zones, fc.array(rule, { maxLength: 3 }), (when, where, rules) => {
        const isOpen = (moment: number) => where.every((zone) => isOpenAt(zone, rules, moment));
        const { from } = nextAllowedTime({ at: when, zones: where, rules });
        if (from !== null) expect(isOpen(from.getTime())).toBe(true);
        const start = when.getTime();
        const end = Math.min(from?.getTime() ?? Infinity, start + 4 * 24 * 3_600_000);
        const earlier = [];
        for (let moment = start; moment < end; moment = (Math.floor(moment / minute) + 1) * minute) {
          if (isOpen(moment)) earlier.push(new Date(moment).toISOString());
        }
        expect(earlier).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('stays open until the end it names, and is closed somewhere then', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(at, zones, fc.array(rule, { maxLength: 2 }), (when, where, rules) => {
        const { from, until } = nextAllowedTime({ at: when, zones: where, rules });
        fc.pre(from !== null && until !== null);
        const isOpen = (moment: number) => where.every((zone) => isOpenAt(zone, rules, moment));
        expect(isOpen(until.getTime())).toBe(false);
        const closed = [];
        const last = Math.min(until.getTime(), from.getTime() + 2 * 24 * 3_600_000);
        for (let moment = from.getTime(); moment < last; moment += minute) {
          if (!isOpen(moment)) closed.push(new Date(moment).toISOString());
        }
        expect(closed).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('asked again at its own answer, answers the same', () => {
    fc.assert(
      fc.property(at, zones, fc.array(rule, { maxLength: 3 }), (when, where, rules) => {
        const first = nextAllowedTime({ at: when, zones: where, rules });
        fc.pre(first.from !== null && first.until !== null);
        const second = nextAllowedTime({ at: first.from, zones: where, rules });
        expect([second.from, second.until]).toEqual([first.from, first.until]);
      }),
      { numRuns: 100 },
    );
  });

  it('is never in a place without zones', () => {
    expect(nextAllowedTime({ at: new Date(0), zones: [], rules: [] })).toEqual({
      from: null,
      until: null,
      decisiveZone: null,
      localTime: null,
      ruleVersions: [],
    });
  });

  it('names local time in the deciding zone, and every rule that had a say', () => {
    const rules = [
      ownRule({ opensAt: '08:00', closesAt: '21:00', effectiveTo: '2026-07-07', version: 'b' }),
      ownRule({ opensAt: '10:00', closesAt: '18:00', effectiveFrom: '2026-07-07', version: 'a' }),
      ownRule({ effectiveFrom: '2026-07-08', version: 'later' }),
      ownRule({ effectiveTo: '2026-07-06', version: 'before' }),
    ];
    const zones = ['America/Los_Angeles', 'America/New_York'];
    const answer = nextAllowedTime({ at: new Date('2026-07-06T21:30-07:00'), zones, rules });
    expect(answer).toMatchObject({
      decisiveZone: 'America/Los_Angeles',
      localTime: '2026-07-06T21:30',
      ruleVersions: ['a', 'b'],
    });
  });

  it('refuses zones and dates that do not exist', () => {
    const ask = (at: Date, zone: string) => () => nextAllowedTime({ at, zones: [zone], rules: [] });
    expect(ask(new Date(0), 'Mars/Olympus')).toThrow(RangeError);
    expect(ask(new Date('yesterday'), 'America/New_York')).toThrow(RangeError);
  });
});
