import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { dequantizeLinear } from './index.ts';

testKernel(check);

test('scales that are too few are refused', () => {
  expect(() =>
    checkProblem(dequantizeLinear, {
      axes: { outer: 2, length: 5, inner: 3, block: 2, x_words: 8, scales: 12 },
      options: { scale_per: 'block' },
    }),
  ).toThrow(
    '[dequantize-linear] there are 12 scales per block; these axes have 18. ' +
      'Fix: give a scale for each, or another scale_per.',
  );
});
