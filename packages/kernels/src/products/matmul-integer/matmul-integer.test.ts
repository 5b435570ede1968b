import { caseProblem } from '../../contract/check.ts';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { matmulInteger } from './index.ts';

testKernel(check);

test('an order of matrices that is none is refused', () => {
  expect(() =>
    checkProblem(matmulInteger, { ...caseProblem(check.cases[0]!), options: { b_batches: 'b 3' } }),
  ).toThrow(
    "[matmul-integer] option 'b_batches' is 'b 3': '3' is no digit; " +
      'it lists the digits of the batch row, those along which a matrix repeats in brackets. ' +
      "Fix: write 'b', or, for example, 'b (b:3)'.",
  );
});
