/** Milliseconds to wait before try number `tries` (1 is the first repetition): doubling from 100 ms to 5 s, with jitter. */
export function backoffMs(tries: number): number {
  const ceiling = Math.min(5_000, 100 * 2 ** Math.min(tries - 1, 10));
  return ceiling * (0.5 + Math.random() / 2);
}
