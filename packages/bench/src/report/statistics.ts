/** The value below which `share` (0 to 1) of the sample lies, by the nearest-rank method; NaN for an empty sample. */
export function percentile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export function median(sample: readonly number[]): number {
  return percentile(sample, 0.5);
}

export type Spread = { samples: number; p50: number; p95: number; p99: number; most: number };

/** @param sample in any unit; the answer is in the same, rounded to hundredths */
export function spreadOf(sample: readonly number[]): Spread {
  return {
    samples: sample.length,
    p50: rounded(percentile(sample, 0.5)),
    p95: rounded(percentile(sample, 0.95)),
    p99: rounded(percentile(sample, 0.99)),
    most: rounded(percentile(sample, 1)),
  };
}

export function rounded(value: number, digits = 2): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
