import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { check } from './check.ts';
import { valueMeans } from './index.ts';

testKernel(check);

test('heads that do not divide are refused', () => {
  const axes = { batch: 1, queries: 4, keys: 4, heads: 3, kv_heads: 2, value_size: 4 };
  expect(() => checkProblem(valueMeans, { axes })).toThrowError(
    '[value-means] 3 query heads do not share 2 key/value heads evenly; heads must be a multiple of kv_heads, so that ' +
      'groups of query heads share one. Fix: give counts that divide.',
  );
});
