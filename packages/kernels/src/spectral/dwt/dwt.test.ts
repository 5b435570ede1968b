import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { dwt } from './index.ts';

testKernel(check);

test('odd filters and halves that are none are refused', () => {
  expect(() => dwt.problem({ axes: { rows: 1, length: 8, half: 4, taps: 3 } })).toThrow(
    '[dwt] filters have 3 taps; those of a wavelet have an even number. Fix: add a tap of zeros.',
  );
  expect(() => dwt.problem({ axes: { rows: 1, length: 9, half: 4, taps: 2 } })).toThrow(
    '[dwt] rows of 9 have halves of 4; a half is half of the length, rounded up. Fix: give 5.',
  );
});
