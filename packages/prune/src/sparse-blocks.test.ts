import { compose, compressWeight, readRecipe, type Recipe } from '@tilewright/compression';
import { normalNumbers } from '@tilewright/kernels';
import { unpack, type HostTensor } from '@tilewright/kernels/weights';
import { packDense } from '@tilewright/kernels/weights/dense';
import { weightCodecs as codecs } from '@tilewright/kernels/weights/registry';
import { expect, test } from 'vitest';
import { magnitude, sparseBlocks } from './index.ts';
import { pruneMethods } from './registry.ts';

const shape = [40, 52] as const;
const full = packDense(normalNumbers(40 * 52, 1), shape, 'f32');
const compressed = (recipe: Recipe): HostTensor =>
  compressWeight(recipe, { name: 'w', tensor: full, codecs }).tensor;

test('what pruning leaves is stored, and nothing else', () => {
  const pruned = compressed(magnitude({ pattern: { sparsity: 0.9 } }));
  const stored = compressed(
    compose(magnitude({ pattern: { sparsity: 0.9 } }), sparseBlocks({ height: 1, width: 1 })),
  );
  expect(stored.format.name).toBe('csr');
  expect(stored.format.record.blocks).toBe(208);
  expect(unpack(stored, codecs)).toEqual(unpack(pruned, codecs));
  expect(stored.bytes.length).toBeLessThan(pruned.bytes.length / 5);
});

test('codes are within half a step of the numbers', () => {
  const stored = compressed(sparseBlocks({ height: 4, width: 1, dtype: 'int8' }));
  const [got, want] = [unpack(stored, codecs), unpack(full, codecs)];
  for (let row = 0; row < 40; row++) {
    const values = want.subarray(row * 52, (row + 1) * 52);
    const step = Math.max(...values.map(Math.abs)) / 127;
    values.forEach((value, i) => expect(Math.abs(got[row * 52 + i]! - value)).toBeLessThan(0.51 * step));
  }
});

test('steps name sides and values', () => {
  const read = (text: string): string => readRecipe(text, pruneMethods, { quantizers: [] }).name;
  expect(read('store 16x16 blocks')).toContain('16x16');
  expect(read('store 1x1 int8 blocks')).toContain('1x1 int8');
  expect(() => read('store 6x16 blocks')).toThrow(
    '[format bsr-6x16] blocks of 6 by 16; sides are 1 or multiples of 4',
  );
  expect(() => read('store blocks')).toThrow(
    "[recipe] 'store blocks' has no size of blocks; it takes one size of blocks. Fix: add the size of blocks.",
  );
  expect(() => read('store 16x16 f16 int8 blocks')).toThrow(
    "[recipe] 'store blocks' has f16 and int8; it takes one type of values. Fix: leave the others out.",
  );
});
