import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { idwt } from './index.ts';

testKernel(check);

test('rows that are not twice a half are refused', () => {
  expect(() => idwt.problem({ axes: { rows: 1, length: 9, half: 4, taps: 2 } })).toThrow(
    '[idwt] halves of 4 make rows of 9; a row is twice a half. Fix: give 8.',
  );
});
