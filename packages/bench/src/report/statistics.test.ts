import { describe, expect, it } from 'vitest';
import { median, percentile, rounded, spreadOf } from './statistics.ts';

describe('percentile', () => {
  it('takes the nearest rank, so that it always names a value that was measured', () => {
    const sample = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(sample, 0.5)).toBe(50);
    expect(percentile(sample, 0.95)).toBe(95);
    expect(percentile(sample, 1)).toBe(100);
    expect(percentile(sample, 0)).toBe(1);
  });

  it('has no answer for an empty sample', () => {
    expect(percentile([], 0.95)).toBeNaN();
  });

  it('leaves the sample as it was', () => {
    const sample = [3, 1, 2];
    expect(median(sample)).toBe(2);
    expect(sample).toEqual([3, 1, 2]);
  });
});

describe('spreadOf', () => {
  it('rounds to hundredths', () => {
    expect(spreadOf([1.2345])).toEqual({ samples: 1, p50: 1.23, p95: 1.23, p99: 1.23, most: 1.23 });
  });
});

describe('rounded', () => {
  it('keeps as many digits as asked for', () => {
    expect(rounded(2.34567, 3)).toBe(2.346);
    expect(rounded(1234.5, 0)).toBe(1235);
  });
});
