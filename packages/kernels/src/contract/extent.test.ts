import { expect, test } from 'vitest';
import { ceilDiv, evaluate, extent, plus, roundUp, times } from './extent.ts';

test('constants are folded', () => {
  expect(times(6, 7)).toBe(42);
  expect(ceilDiv(plus(9, 1), 4)).toBe(3);
  expect(times('rows', 2)).toEqual(['*', 'rows', 2]);
});

test.each([
  [7, 7],
  ['rows', 10],
  [plus('rows', 1), 11],
  [extent('-', 'rows', 'columns'), 7],
  [times('rows', ceilDiv('columns', 2)), 20],
  [extent('floor/', 'rows', 4), 2],
  [extent('min', 'rows', 'columns'), 3],
  [extent('max', 'rows', times('columns', 5)), 15],
])('%j is %d', (each, value) => {
  expect(evaluate(each, { rows: 10, columns: 3 })).toBe(value);
});

test('a name without a size', () => {
  expect(() => evaluate(plus('rows', 'depth'), { rows: 1 })).toThrowError(
    new RangeError("no size given for axis 'depth'"),
  );
});

test('roundUp', () => {
  expect([0, 1, 16, 17].map((size) => roundUp(size, 16))).toEqual([0, 16, 16, 32]);
});
