import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { cacheCompact, keptRows } from './index.ts';

testKernel(check);

test('rows of different numbers are padded', () => {
  expect(keptRows([[0, 3, 4], [], [2]], 5)).toEqual({
    kept: Uint32Array.of(0, 3, 4, 0, 0, 0, 2, 0, 0),
    counts: Uint32Array.of(3, 0, 1),
  });
});

test('rows that do not ascend, or are not there, are refused', () => {
  expect(() => keptRows([[0], [2, 2]], 5)).toThrow(
    '[keptRows] batch row 1 keeps row 2 after row 2 of a cache of 5; rows that are kept ascend, and are there. ' +
      'Fix: sort the rows, or correct them.',
  );
  expect(() => keptRows([[5]], 5)).toThrow(
    '[keptRows] batch row 0 keeps row 5 after row -1 of a cache of 5; rows that are kept ascend, and are there. ' +
      'Fix: sort the rows, or correct them.',
  );
});

test('more rows than there are cannot be kept', () => {
  expect(() =>
    checkProblem(cacheCompact, { axes: { batch: 1, outer: 1, capacity: 4, inner: 8, kept_rows: 5 } }),
  ).toThrow(
    '[cache-compact] 5 rows are kept of a cache of 4; a cache keeps some of its rows. ' +
      'Fix: keep fewer rows, or give the cache more.',
  );
});
