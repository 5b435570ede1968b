import { attentionFloor, mixedStorage, selectedCase } from '../check-cases.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { alibi, booleanMask } from '../fillings/index.ts';
import { integers } from '../hard-attention/check.ts';
import { topKeys } from './index.ts';
import { topKeysReference } from './reference.ts';

const { q, k } = mixedStorage as Required<Pick<typeof mixedStorage, 'q' | 'k'>>;
const dtypes = { q: q!, k: k! };

export const check: KernelCheck = {
  kernel: topKeys,
  reference: topKeysReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: axes.batch! * axes.heads! * axes.queries! * axes.keys! * (2 * axes.head_size! + 2),
  }),
  // Small integers: equals abound, are equal to kernel and oracle alike, and the choice must agree exactly.
  inputs: integers,
  cases: [
    selectedCase([1, 1, 1, 1, 1, 4], 1),
    selectedCase([2, 9, 65, 4, 2, 16], 5, { options: { causal: true, lengths: true, scores: true } }),
    selectedCase([1, 31, 300, 3, 1, 7], 256, { options: { causal: true, scores: true } }),
    selectedCase([2, 1, 513, 8, 2, 64], 33, { options: { lengths: true } }),
    // As much as 16 KiB of workgroup memory take.
    selectedCase([1, 3, 500, 1, 1, 4], 395),
    selectedCase([1, 11, 700, 1, 1, 12], 512, { name: 'values to 1e4', scale: { q: 4096, k: 4096 }, dtypes }),
    selectedCase([1, 35, 35, 2, 1, 12], 3, {
      options: { window_left: 5, window_right: 3, alignment: 'start', k_strides: 'sbhd' },
      dtypes,
    }),
    selectedCase([2, 33, 140, 3, 1, 8], 16, {
      scalars: { scale: 0.5 },
      options: { scores: true },
      slots: { mask: booleanMask({ batch: true, queries: true }), score: alibi },
      dtypes,
    }),
  ],
  workloads: [
    {
      ...selectedCase([1, 2048, 2048, 4, 4, 64], 64, { options: { causal: true } }),
      name: 'the best 64 of 2048',
      model: 'IceFormer',
      size: 'large',
    },
  ],
  floor: attentionFloor,
  exact: ['indices'],
};
