import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { selectiveScan } from './index.ts';

testKernel(check);

test('groups that do not divide the channels are refused', () => {
  expect(() =>
    selectiveScan.problem({ axes: { batch: 1, tokens: 4, channels: 10, states: 4, groups: 3 } }),
  ).toThrow(
    '[selective-scan] 10 channels share 3 groups; the first must be a multiple of the second. Fix: give groups that divide the channels.',
  );
});
