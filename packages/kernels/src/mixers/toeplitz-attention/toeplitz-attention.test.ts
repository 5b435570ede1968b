import { testKernel } from '@tilewright/tooling/test-kernel';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { toeplitzAttention } from './index.ts';

testKernel(check);

test('biases for fewer distances than there are are refused', () => {
  const sizes = { heads: 1, key_heads: 1, key_size: 4, value_size: 4, bias_heads: 1 };
  expect(() =>
    toeplitzAttention.problem({ axes: { ...sizes, batch: 1, tokens: 9, keys: 5, span: 15 } }),
  ).toThrow(
    '[toeplitz-attention] span is 15 with 9 tokens and 5 keys; it is odd, and its half reaches every distance. Fix: give a span of 17 or more, by two.',
  );
});
