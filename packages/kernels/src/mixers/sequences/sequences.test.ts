// What kernels of packed sequences refuse. No GPU; what they compute is in their checks.
import { expect, test } from 'vitest';
import { checkProblem } from '../../contract/check-problem.ts';
import { gatedScan } from '../gated-scan/index.ts';
import { linearAttention } from '../linear-attention/index.ts';

const packed = { packed: true };

test('several batch rows', () => {
  const axes = { batch: 2, tokens: 5, channels: 4, sequences: 3, bounds: 4 };
  expect(() => checkProblem(gatedScan, { axes, options: packed })).toThrow(
    '[gated-scan] batch is 2 with packed sequences; they lie in one row. Fix: give tokens [1, tokens, …].',
  );
});

test('bounds that do not fit', () => {
  const axes = { batch: 1, tokens: 5, channels: 4, sequences: 3, bounds: 3 };
  expect(() => checkProblem(gatedScan, { axes, options: packed })).toThrow(
    '[gated-scan] bounds is 3 with 3 sequences; starts has one number more than there are sequences. Fix: end it with the number ' +
      'of tokens.',
  );
});

test('keys counted apart', () => {
  const sizes = { heads: 1, key_heads: 1, value_heads: 1, outputs: 1, key_size: 4, value_size: 4 };
  const axes = { ...sizes, batch: 1, tokens: 5, keys: 6, sequences: 3, bounds: 4 };
  expect(() => checkProblem(linearAttention, { axes, options: { ...packed, cross: true } })).toThrow(
    '[linear-attention] packed is true with cross true; packed sequences have a key for each token. Fix: give cross false.',
  );
});
