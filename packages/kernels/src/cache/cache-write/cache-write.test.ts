import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { cacheWrite } from './index.ts';

testKernel(check);

test('an update longer than the cache is refused', () => {
  expect(() =>
    cacheWrite.problem({ axes: { batch: 1, outer: 1, tokens: 5, capacity: 4, inner: 8 } }),
  ).toThrow(
    '[cache-write] an update of 5 rows is written into a cache of 4; no row may be written twice. ' +
      'Fix: write fewer rows at a time, or give the cache more.',
  );
});
