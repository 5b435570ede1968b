import { expect, test } from 'vitest';
import { roundNumbers, scatter } from './quality-plot.ts';

test.each([
  [-0.005, 0.028, ['-0.005', '0.000', '0.005', '0.010', '0.015', '0.020', '0.025']],
  [0, 0.005, ['0.000', '0.001', '0.002', '0.003', '0.004', '0.005']],
  [0, 0.8, ['0.0', '0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8']],
  [3.1, 4.4, ['3.2', '3.4', '3.6', '3.8', '4.0', '4.2', '4.4']],
  [-30, 170, ['0', '50', '100', '150']],
])('an axis from %f to %f has round numbers, all of them as far apart as they say', (low, high, shown) => {
  expect(roundNumbers(low, high).map((each) => each.shown)).toEqual(shown);
});

test('bars of errors stay within the plot', () => {
  const points = [
    { name: 'a', bitsPerWeight: 4, value: 0.1, standardError: 0.3 },
    { name: 'b', bitsPerWeight: 8, value: 0.2, standardError: null },
  ];
  const text = String(scatter(points, 'loss', false));
  const heights = [...text.matchAll(/y[12]="([-\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(16);
  expect(Math.max(...heights)).toBeLessThanOrEqual(360 - 64);
});
