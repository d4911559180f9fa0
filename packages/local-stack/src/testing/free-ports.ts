import { isListening } from '../port-check.ts';

/** Below the range from which systems hand out ports by themselves (32768 on Linux, 49152 on macOS). */
const lowest = 20_000;
const highest = 32_000;
/** A stack takes sixteen at most; steps of twenty keep stacks apart. */
const step = 20;

/** A base from which every port of a stack is free right now. */
export async function findFreePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const base = lowest + step * Math.floor(Math.random() * ((highest - lowest) / step));
    const ports = Array.from({ length: 16 }, (_, index) => base + index);
    const busy = await Promise.all(ports.map((port) => isListening(port)));
    if (!busy.includes(true)) return base;
  }
  throw new Error(`no ${step} free ports in a row between ${lowest} and ${highest}`);
}
