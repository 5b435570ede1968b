import { baselineCapabilities, checkPlans, checkProblem } from '@tilewright/kernels';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { dense } from '../../weights/dense/format.ts';
import { check } from './check.ts';
import { embedding } from './index.ts';

testKernel(check);

test('a format that has no reader is refused', () => {
  const formats = { table: dense('bf16') };
  const problem = embedding.problem({ axes: { tokens: 1, vocab: 4, hidden: 8 }, formats });
  expect(() => checkPlans(embedding, problem, baselineCapabilities)).toThrowError(
    '[embedding] no variant can run this problem on this device; tables stored as bf16 have no reader. ' +
      'Fix: change the problem, or run it on a device that has what is missing.',
  );
});

test('slabs that do not divide the table, or the rows of y, are refused', () => {
  const axes = { tokens: 6, vocab: 12, hidden: 8, indices: 2 };
  expect(() => checkProblem(embedding, { axes, options: { indexed: 'slabs', slab_rows: 5 } })).toThrowError(
    '[embedding] y has 6 rows for 2 of each of 2.4 slabs; slabs divide the table, and y has the rows of all. ' +
      'Fix: change slab_rows or axes.tokens.',
  );
});
