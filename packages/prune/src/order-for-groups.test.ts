import { expect, test } from 'vitest';
import { orderForGroups } from './order-for-groups.ts';

/** What n of each m keep, the plain way. */
const keptOf = (scores: readonly Float64Array[], order: readonly number[], n: number, m: number): number => {
  let sum = 0;
  for (const row of scores)
    for (let c = 0; c < order.length; c += m) {
      const group = order.slice(c, c + m).map((column) => row[column]!);
      for (const value of group.toSorted((a, b) => b - a).slice(0, n)) sum += value;
    }
  return sum;
};

const random = (rows: number, columns: number): Float64Array[] => {
  let bits = 7;
  return Array.from({ length: rows }, () =>
    Float64Array.from({ length: columns }, () => {
      bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
      return (bits / 2 ** 32) ** 4;
    }),
  );
};

test.each([
  [1, 1, 2, 4],
  [3, 7, 1, 4],
  [5, 22, 2, 4],
  [9, 64, 2, 8],
  [4, 33, 1, 2],
  [2, 0, 2, 4],
])('%i rows of %i columns: each column once, and no less kept (%i:%i)', (rows, columns, n, m) => {
  const scores = random(rows, columns);
  const order = orderForGroups(scores, columns, n, m);
  const before = Array.from({ length: columns }, (_, c) => c);
  expect(order.toSorted((a, b) => a - b)).toEqual(before);
  const [kept, keptBefore] = [keptOf(scores, order, n, m), keptOf(scores, before, n, m)];
  if (columns > 2 * m) expect(kept).toBeGreaterThan(1.02 * keptBefore);
  else expect(kept).toBeGreaterThanOrEqual(keptBefore);
  expect(orderForGroups(scores, columns, n, m)).toEqual(order);
});

test('large columns that are neighbours come apart', () => {
  const row = Float64Array.of(9, 9, 9, 9, 0, 0, 0, 0);
  expect(keptOf([row], orderForGroups([row], 8, 2, 4), 2, 4)).toBe(36);
});
