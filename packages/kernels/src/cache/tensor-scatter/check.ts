import type { CheckCase, DrawInputs, KernelCheck } from '../../contract/check.ts';
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

const positions = (tokens: number, rowOf: (token: number) => number): Uint32Array =>
  Uint32Array.from({ length: 2 * tokens }, (_, i) => (i % 2 === 0 ? i : rowOf(i >> 1)));

/** The last two rows of the cache, and rows that it has not. */
const rowsBeyond: DrawInputs = ({ axes }) => ({
  positions: positions(axes.tokens!, (token) => axes.batch! * axes.capacity! - 2 + token),
});

export const check: KernelCheck = {
  kernel: tensorScatter,
  reference: tensorScatterReference,
  cases: [
    cache(1, 1, 1, 1, 1),
    cache(1, 3, 2, 7, 5),
    cache(2, 5, 3, 11, 8),
    cache(3, 17, 1, 13, 64),
    { ...cache(1, 4, 2, 9, 4), name: 'rows beyond the cache', inputs: rowsBeyond },
  ],
  workloads: [
    { name: 'decode', model: 'shakespeare-1m', size: 'small', ...cache(1, 1, 2, 128, 32) },
    { name: 'prefill 512', model: 'Llama-3.2-1B', size: 'large', ...cache(1, 512, 8, 2048, 64) },
  ],
  // Distinct rows in a scattered order: multiplication by a number coprime to their count is a permutation.
  inputs: ({ axes }) => {
    const rows = axes.batch! * axes.capacity!;
    const stride = [7, 5, 3, 1].find((each) => rows % each !== 0 || each === 1)!;
    return { positions: positions(axes.tokens!, (token) => (1 + token * stride) % rows) };
  },
  floor: () => 0,
};
