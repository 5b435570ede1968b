import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { argmax } from './index.ts';

testKernel(check);

test('rows too long to count are refused', () => {
  expect(() => argmax.problem({ axes: { rows: 1, columns: 2 ** 24 + 4 } })).toThrowError(
    '[argmax] rows have 16777220 columns; at most 16777216, up to which f32 counts exactly. Fix: split the rows.',
  );
});
