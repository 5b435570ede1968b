import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { topK } from './index.ts';

testKernel(check);

test('a k beyond the row is refused', () => {
  expect(() => topK.problem({ axes: { rows: 1, columns: 5, k: 6 } })).toThrowError(
    '[top-k] k is 6 for rows of 5; k is at most the length of a row. Fix: choose a smaller k.',
  );
});
