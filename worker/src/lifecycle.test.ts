import { describe, expect, it } from 'vitest';
import { stopInPhases } from './lifecycle.ts';
import type { StoppableParts } from './lifecycle.ts';
import { gate, silentLog } from './testing/fakes.ts';

function setUp(changes: Partial<StoppableParts['consumer']> = {}) {
  const steps: string[] = [];
  const step = (name: string) => async () => void steps.push(name);
  const parts: StoppableParts = {
    readiness: { stopping: () => void steps.push('not ready') },
    consumer: {
      stopClaiming: step('stop claiming'),
      drain: async () => {
        steps.push('drain');
        return true;
      },
      abort: step('abort'),
      finish: step('finish'),
      ...changes,
    },
    background: [{ stop: step('background') }],
    close: step('close'),
    drainMs: 1_000,
    log: silentLog,
  };
  return { parts, steps };
}

describe('stopping', () => {
  it('goes from not ready to closed in order', async () => {
    const { parts, steps } = setUp();
    await stopInPhases(parts);
    expect(steps).toEqual(['not ready', 'background', 'stop claiming', 'drain', 'abort', 'finish', 'close']);
  });

  it('begins to drain while a last claim is still under way', async () => {
    const claim = gate();
    const stopClaiming = async () => {
      await claim.opened;
    };
    const { parts, steps } = setUp({ stopClaiming, abort: async () => claim.open() });
    await stopInPhases(parts);
    expect(steps).toEqual(['not ready', 'background', 'drain', 'finish', 'close']);
  });

  it('ends although calls, claims, the database and all else hang', async () => {
    const never = () => new Promise<never>(() => undefined);
    const given: number[] = [];
    const drain = async (milliseconds: number) => {
      given.push(milliseconds);
      return false;
    };
    const hanging = { stopClaiming: never, drain, abort: never, finish: never };
    const { parts } = setUp(hanging);
    await stopInPhases({ ...parts, background: [{ stop: never }], close: never }, 40);
    expect(given).toEqual([parts.drainMs]);
  });
});
