import type { Bench } from './bench.ts';
import { chaos } from './chaos.ts';
import { drain } from './drain.ts';

export const benches: Readonly<Record<string, Bench>> = { drain, chaos };
