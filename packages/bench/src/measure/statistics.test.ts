import { expect, test } from 'vitest';
import { geometricMean, median, percentiles, quantile } from './statistics.ts';

test('quantiles interpolate between the sorted samples and leave them alone', () => {
  const samples = [5, 1, 4, 2, 3];
  expect(percentiles(samples)).toEqual({ p20: 1.8, p50: 3, p80: 4.2 });
  expect(samples).toEqual([5, 1, 4, 2, 3]);
  expect(median([4, 1])).toBe(2.5);
  expect(quantile([7], 0.8)).toBe(7);
});

test('the geometric mean of a ratio and its inverse is 1', () => {
  expect(geometricMean([10, 0.1])).toBeCloseTo(1, 12);
  expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
});

test('nothing has no statistics', () => {
  expect(median([])).toBeNaN();
  expect(geometricMean([])).toBeNaN();
});
