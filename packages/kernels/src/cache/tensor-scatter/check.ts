import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { tensorScatter } from './index.ts';
import { tensorScatterReference } from './reference.ts';

const cache = (
  batch: number,
  tokens: number,
  kvHeads: number,
  capacity: number,
  headSize: number,
): CheckCase => ({
  axes: { batch, tokens, kv_heads: kvHeads, capacity, head_size: headSize, pair: 2 },
});

export const check: KernelCheck = {
  kernel: tensorScatter,
  reference: tensorScatterReference,
  cases: [
    cache(1, 1, 1, 1, 1),
    cache(1, 3, 2, 7, 5),
    cache(2, 5, 3, 11, 8),
    cache(3, 17, 1, 13, 64),
    { ...cache(1, 4, 2, 9, 4), name: 'rows beyond the cache', uniforms: { beyond: 1 } },
  ],
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', ...cache(1, 1, 2, 128, 32) },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', ...cache(1, 512, 8, 2048, 64) },
  ],
  // Distinct rows in a scattered order: multiplication by a number coprime to their count is a permutation.
  inputs: ({ axes, uniforms }) => {
    const rows = axes.batch! * axes.capacity!;
    const stride = [7, 5, 3, 1].find((each) => rows % each !== 0 || each === 1)!;
    const shift = uniforms?.beyond ? rows - 2 : 1;
    const rowOf = (token: number): number =>
      uniforms?.beyond ? shift + token : (shift + token * stride) % rows;
    return {
      positions: Uint32Array.from({ length: 2 * axes.tokens! }, (_, i) => (i % 2 === 0 ? i : rowOf(i >> 1))),
    };
  },
  floor: () => 0,
};
