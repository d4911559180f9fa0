import { describe, expect, it } from 'vitest';
import { faultsOf, planActions } from './plan.ts';

const input = {
  ...{ seed: 11, messages: 1000, workers: 3, kills: 30, dbRestarts: 2, phases: 6 },
  pauses: 0,
  partKills: {},
};

describe('planActions', () => {
  it('plans the same for the same seed, and something else for another', () => {
    expect(planActions(input)).toEqual(planActions(input));
    expect(planActions(input)).not.toEqual(planActions({ ...input, seed: 12 }));
  });

  it('plans as many as asked for, in order, and leaves the last part of the load alone', () => {
    const actions = planActions(input);
    const count = (kind: string) => actions.filter((action) => action.kind === kind).length;
    expect([count('kill'), count('restart_database'), count('change_faults')]).toEqual([30, 2, 5]);
    const moments = actions.map(({ after }) => after);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(moments.at(-1)).toBeLessThanOrEqual(700);
  });

  it('breaks the same with and without what is asked for beyond it', () => {
    const more = planActions({ ...input, pauses: 4, partKills: { gateway: 2 } });
    const kinds = ['pause', 'kill_part'];
    expect(more.filter(({ kind }) => !kinds.includes(kind))).toEqual(planActions(input));
    expect(more.filter(({ kind }) => kind === 'pause')).toHaveLength(4);
    expect(more.filter((action) => action.kind === 'kill_part' && action.part === 'gateway')).toHaveLength(2);
  });

  it('restarts the database both ways', () => {
    const ways = planActions(input).flatMap((action) =>
      action.kind === 'restart_database' ? [action.how] : [],
    );
    expect(ways.sort()).toEqual(['crash', 'fast']);
  });

  it('kills every worker sooner or later', () => {
    const killed = planActions(input).flatMap((action) => (action.kind === 'kill' ? [action.worker] : []));
    expect(new Set(killed)).toEqual(new Set([0, 1, 2]));
  });
});

describe('faultsOf', () => {
  const rates = {
    latencyMs: 5,
    acceptThenDropRate: 0.1,
    timeoutRate: 0,
    rate429: 0,
    rejectRate: 0.1,
    callbackDuplicateRate: 0,
    callbackReorder: 0,
    callbackDropRate: 0,
    callbackDelayMs: 0,
  };

  it('refuses by turns with an unknown end and with a plain no, and draws anew each time', () => {
    const errors = [0, 1, 2, 3].map((phase) => faultsOf(rates, 1, phase)['error']);
    expect(errors).toEqual([20500, 21612, 20503, 20500]);
    expect(faultsOf(rates, 1, 0)['seed']).not.toBe(faultsOf(rates, 1, 3)['seed']);
  });
});
