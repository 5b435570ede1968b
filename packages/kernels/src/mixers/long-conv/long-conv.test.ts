import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { longConv } from './index.ts';

testKernel(check);

test('a centre that is no tap is refused', () => {
  const axes = { batch: 1, rows: 1, columns: 4, channels: 2, tap_rows: 1, taps: 4 };
  expect(() => longConv.problem({ axes, options: { centred: true } })).toThrow(
    '[long-conv] there are 4 taps; a filter with a centre has an odd number. Fix: add a tap of zeros, or leave centred out.',
  );
});
