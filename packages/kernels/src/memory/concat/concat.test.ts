import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { concat } from './index.ts';

testKernel(check);

const axes = { batch: 1, heads: 2, first_rows: 2, second_rows: 3, rows: 5, size: 4 };
test('counts that do not add up, and orders that do not fit, are refused', () => {
  expect(() => checkProblem(concat, { axes: { ...axes, rows: 6 } })).toThrow(
    "[concat] axis 'rows' is 6 for 2 and 3 rows; it must be their sum. Fix: give axes.rows 5.",
  );
  expect(() => checkProblem(concat, { axes, options: { second_order: 'b s h s:2 d' } })).toThrow(
    "[concat] option 'second_order' is 'b s h s:2 d': s of size 3 has inner digits of 2; digits divide their axis. " +
      'Fix: pad s to a multiple of 2, or give it other digits.',
  );
});
