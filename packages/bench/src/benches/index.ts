import type { Bench } from './bench.ts';
import { chaos } from './chaos.ts';
import { drain } from './drain.ts';
import { enqueue } from './enqueue.ts';
import { fairness } from './fairness.ts';
import { latency } from './latency.ts';
import { pace } from './pace.ts';
import { schedule } from './schedule.ts';

export const benches: Readonly<Record<string, Bench>> = {
  drain,
  latency,
  enqueue,
  schedule,
  fairness,
  pace,
  chaos,
};
