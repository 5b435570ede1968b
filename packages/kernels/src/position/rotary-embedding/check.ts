import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import type { OptionValue } from '../../contract/contract.ts';
import { rotaryEmbedding } from './index.ts';
import { rotaryEmbeddingReference } from './reference.ts';

const shape = (
  [batch, tokens, heads, size, half]: readonly [number, number, number, number, number],
  options: Readonly<Record<string, OptionValue>> = {},
): CheckCase => ({
  axes: {
    batch,
    tokens,
    heads,
    head_size: size,
    half,
    table_rows: options.positions === false ? batch * tokens : 17,
  },
  options,
});

export const check: KernelCheck = {
  kernel: rotaryEmbedding,
  reference: rotaryEmbeddingReference,
  cases: [
    shape([1, 1, 1, 2, 1]),
    shape([2, 3, 4, 8, 4], { order: 'bhsd' }),
    shape([2, 3, 2, 7, 3]),
    shape([2, 5, 3, 20, 8], { positions: false }),
    shape([1, 4, 2, 64, 12], { order: 'bhsd', positions: false }),
    shape([2, 3, 4, 8, 4], { interleaved: true, order: 'bhsd' }),
    shape([2, 3, 2, 9, 3], { interleaved: true, positions: false }),
    shape([3, 11, 1, 80, 40]),
    { name: 'large values', ...shape([1, 5, 3, 32, 16]), scale: { x: 1e4 } },
  ],
  workloads: [
    { name: 'prefill', model: 'shakespeare-1m', size: 'small', ...shape([1, 128, 4, 32, 16]) },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', ...shape([1, 512, 32, 64, 32]) },
  ],
  inputs: ({ axes }, random) => {
    const { batch, tokens, half, table_rows: rows } = axes as Record<string, number>;
    const angles = Float64Array.from({ length: rows! * half! }, () => 7 * random());
    return {
      cosine: Float32Array.from(angles, Math.cos),
      sine: Float32Array.from(angles, Math.sin),
      // Some lie beyond the last row.
      positions: Uint32Array.from({ length: batch! * tokens! }, () => Math.floor(random() * (rows! + 2))),
    };
  },
  floor: () => 0,
};
