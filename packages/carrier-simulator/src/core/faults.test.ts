import { describe, expect, it } from 'vitest';
import { FaultInjector, faultsSchema, type FaultSettings } from './faults.ts';

const recipients = Array.from({ length: 2000 }, (_, index) => `+1312555${String(index).padStart(4, '0')}`);

/** What each recipient's creates suffer, whatever the order they come in. */
function fates(settings: FaultSettings, order: readonly string[]): Map<string, string[]> {
  const faults = new FaultInjector();
  faults.set(settings);
  const suffered = new Map<string, string[]>();
  for (const recipient of order) {
    const fate = faults.forCreate(faults.keyFor(recipient));
    suffered.set(recipient, [...(suffered.get(recipient) ?? []), fate]);
  }
  return suffered;
}

function count(suffered: Map<string, string[]>, fate: string): number {
  return [...suffered.values()].flat().filter((each) => each === fate).length;
}

describe('FaultInjector', () => {
  const settings = { rejectRate: 0.2, timeoutRate: 0.1, rate429: 0.1, acceptThenDropRate: 0.2, seed: 42 };

  it('gives the same faults for the same seed', () => {
    expect(fates(settings, recipients)).toEqual(fates(settings, recipients));
  });

  it('gives other faults for another seed', () => {
    expect(fates({ ...settings, seed: 43 }, recipients)).not.toEqual(fates(settings, recipients));
  });

  it('gives each recipient the same faults in whatever order the recipients come', () => {
    const twice = [...recipients, ...recipients];
    const forwards = fates(settings, twice);
    const backwards = fates(settings, twice.toReversed());
    for (const recipient of recipients) expect(backwards.get(recipient)).toEqual(forwards.get(recipient));
  });

  it('draws anew for the next message to the same recipient', () => {
    const [sequence = []] = fates(
      { rejectRate: 0.5, seed: 7 },
      Array<string>(200).fill('+13125550100'),
    ).values();
    expect(new Set(sequence)).toEqual(new Set(['none', 'reject']));
  });

  it('comes near the asked-for shares', () => {
    const suffered = fates(settings, recipients);
    expect(count(suffered, 'throttle') / 2000).toBeCloseTo(0.1, 1);
    expect(count(suffered, 'hang') / 2000).toBeCloseTo(0.9 * 0.1, 1);
    expect(count(suffered, 'reject') / 2000).toBeCloseTo(0.81 * 0.2, 1);
    expect(count(suffered, 'drop') / 2000).toBeCloseTo(0.648 * 0.2, 1);
  });

  it('hits every create at a share of one and none at zero', () => {
    expect(count(fates({ rejectRate: 1, seed: 1 }, recipients), 'reject')).toBe(2000);
    expect(count(fates({ rejectRate: 0, seed: 1 }, recipients), 'none')).toBe(2000);
  });

  it('chooses and reports a seed when none is given', () => {
    const { seed } = new FaultInjector().set({ rejectRate: 0.5 });
    expect(fates({ rejectRate: 0.5, seed }, recipients)).toEqual(
      fates({ rejectRate: 0.5, seed }, recipients),
    );
  });

  it('refuses every create when only an error is named', () => {
    expect(new FaultInjector().set({ error: 21610 })).toMatchObject({ rejectRate: 1, error: 21610 });
  });

  it('decides callbacks by message and status', () => {
    const faults = new FaultInjector();
    faults.set({ callbackDuplicateRate: 0.5, callbackDropRate: 0.5, callbackReorder: 0.5, seed: 5 });
    const decide = (key: number) => [
      faults.forCallback(key, 'sent'),
      faults.forCallback(key, 'delivered'),
      faults.reorders(key),
    ];
    const keys = recipients.map((recipient) => faults.keyFor(recipient));
    expect(keys.map(decide)).toEqual(keys.map(decide));
    expect(
      keys.filter(
        (key) => faults.forCallback(key, 'sent').drop !== faults.forCallback(key, 'delivered').drop,
      ),
    ).not.toHaveLength(0);
  });

  it('does nothing once cleared', () => {
    const faults = new FaultInjector();
    faults.set(settings);
    faults.clear();
    expect(recipients.every((recipient) => faults.forCreate(faults.keyFor(recipient)) === 'none')).toBe(true);
  });
});

describe('faultsSchema', () => {
  it.each([
    [{ rejectRate: 1.5 }, 'rejectRate'],
    [{ latencyMs: -1 }, 'latencyMs'],
    [{ callbackReorder: 'yes' }, 'callbackReorder'],
    [{ error: 'nonsense' }, 'error'],
  ])('refuses %j and says which field is wrong', (settings, field) => {
    const read = faultsSchema.safeParse(settings);
    expect(read.error?.issues[0]?.path).toEqual([field]);
  });

  it('refuses a fault it does not know', () => {
    expect(faultsSchema.safeParse({ rejectrate: 1 }).success).toBe(false);
  });

  it.each([[true], [false], [0.5]])('takes callbackReorder as %s', (callbackReorder) => {
    expect(faultsSchema.safeParse({ callbackReorder }).success).toBe(true);
  });
});
