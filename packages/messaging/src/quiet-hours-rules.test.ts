import { describe, expect, it } from 'vitest';
import { ownRule } from './fixtures/quiet-hours-cases.ts';
import { bindingRules, isExempt } from './quiet-hours-rules.ts';
import { shippedQuietHours } from './shipped-quiet-hours.ts';

describe('the rules that bind a message', () => {
  const versions = (choice: Partial<Parameters<typeof bindingRules>[0]>) => [
    ...new Set(
      bindingRules({
        rules: shippedQuietHours,
        preset: 'safe',
        regions: ['US-TX'],
        messageClass: 'marketing',
        ...choice,
      }).map(({ version }) => version),
    ),
  ];

  it('grow with the preset: each holds the ones before it', () => {
    expect(versions({ preset: 'federal' })).toEqual(['federal/1']);
    expect(versions({ preset: 'states' })).toEqual(['federal/1', 'US-TX/1']);
    expect(versions({ preset: 'safe' })).toEqual(['federal/1', 'US-TX/1', 'safe/1']);
  });

  it('are those of every region in question', () => {
    expect(versions({ preset: 'states', regions: ['US-TX', 'US-FL', 'US-NY'] })).toEqual([
      'federal/1',
      'US-FL/1',
      'US-TX/1',
    ]);
    expect(versions({ preset: 'states', regions: [] })).toEqual(['federal/1']);
    expect(versions({ preset: 'states', regions: ['US'] })).toEqual(['federal/1']);
  });

  it('are the organization’s own under every preset', () => {
    const rules = [ownRule({ region: 'US', version: 'own/a' }), ownRule({ region: 'CA', version: 'own/b' })];
    expect(versions({ rules, preset: 'federal' })).toEqual(['own/a']);
  });

  it('are none for replies and urgent messages', () => {
    expect(versions({ messageClass: 'conversational' })).toEqual([]);
    expect(versions({ messageClass: 'urgent' })).toEqual([]);
  });

  it('are those of marketing for transactional messages, until that is turned off', () => {
    expect(versions({ messageClass: 'transactional' })).toEqual(versions({}));
    expect(versions({ messageClass: 'transactional', quietHoursForTransactional: false })).toEqual([]);
    expect(isExempt('marketing', false)).toBe(false);
  });
});

describe('the shipped rules', () => {
  it('say where they come from', () => {
    expect(shippedQuietHours.filter(({ source }) => source === '')).toEqual([]);
  });

  it('open before they close, on the same day', () => {
    const wrong = shippedQuietHours.filter(
      ({ opensAt, closesAt }) =>
        (opensAt === null) !== (closesAt === null) || (opensAt ?? '') > (closesAt ?? ''),
    );
    expect(wrong).toEqual([]);
  });

  it('cover each weekday of a region once', () => {
    const days = shippedQuietHours.flatMap(({ preset, region, weekdays }) =>
      weekdays.map((weekday) => `${preset ?? ''} ${region} ${weekday}`),
    );
    expect(new Set(days).size).toBe(days.length);
    expect(days).toHaveLength(7 * new Set(days.map((key) => key.slice(0, -2))).size);
  });
});
