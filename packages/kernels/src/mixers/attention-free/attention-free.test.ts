import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { attentionFree } from './index.ts';

testKernel(check);

test('a window that is no number of tokens is refused', () => {
  expect(() =>
    attentionFree.problem({ axes: { batch: 1, tokens: 4, channels: 8 }, scalars: { window: -1 } }),
  ).toThrow('[attention-free] window is -1; it is a number of tokens. Fix: give a whole number from 0 on.');
});
