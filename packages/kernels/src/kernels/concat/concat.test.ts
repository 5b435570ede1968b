import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { concat } from './index.ts';

testKernel(check);

test('counts that do not add up are refused', () => {
  expect(() =>
    concat.problem({ axes: { batch: 1, heads: 1, first_rows: 2, second_rows: 3, rows: 6, size: 4 } }),
  ).toThrow("[concat] axis 'rows' is 6 for 2 and 3 rows; it must be their sum. Fix: give axes.rows 5.");
});
