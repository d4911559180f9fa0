import { afterAll, beforeAll, expect, it } from 'vitest';
import { runChaos } from '../src/chaos/chaos-run.ts';
import { startRig, type Rig } from '../src/rig/rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ durable: false, keep: 'all' });
});
afterAll(() => rig.stop());

it('loses, doubles, swaps and forgets nothing while workers with wrong clocks are killed, answers get lost and all parts restart', async () => {
  const { account, carrierLog } = await runChaos(
    rig,
    {
      seed: 20_261_120,
      messages: 150,
      threads: 30,
      workers: 2,
      kills: 3,
      dbRestarts: 1,
      pauses: 0,
      pauseSeconds: 1,
      partKills: { 'function-provider-webhook': 1, gateway: 1 },
      lostAnswers: 0.005,
      skewMinutes: 7,
      producers: 4,
      inFlight: 20,
      skipWaits: true,
      patienceSeconds: 30,
      rates: {
        latencyMs: 20,
        acceptThenDropRate: 0.05,
        timeoutRate: 0.02,
        rate429: 0.05,
        rejectRate: 0.05,
        callbackDuplicateRate: 0.1,
        callbackReorder: 0.1,
        callbackDropRate: 0.1,
        callbackDelayMs: 0,
      },
    },
    () => {},
  );
  expect(account.violations).toEqual([]);
  const accounted = Object.values(account.ends).reduce((sum, count) => sum + count, 0);
  expect(accounted).toBe(150);
  expect(account.ends.other).toBe(0);
  // Trouble, but not only trouble: most of it arrived.
  expect(carrierLog.length).toBeGreaterThan(100);
}, 120_000);
