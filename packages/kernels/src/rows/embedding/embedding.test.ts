import { baselineCapabilities } from '@tilewright/kernels';
import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { embedding } from './index.ts';

testKernel(check);

test('a layout that kernels do not read is refused', () => {
  const layouts = { table: { kind: 'dense', dtype: 'bf16' } } as const;
  const problem = embedding.problem({ axes: { tokens: 1, vocab: 4, hidden: 8 }, layouts });
  expect(() => embedding.plans(problem, baselineCapabilities)).toThrowError(
    '[embedding] no variant can run this problem on this device; baseline: weights of layout bf16. ' +
      'Fix: change the problem, or run it on a device that has what is missing.',
  );
});
