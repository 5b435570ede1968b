import { attentionCost } from '../cost.ts';
import { asAttention } from '../score-tiles.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { additiveMask, gatedOutput, ropeLoadK, ropeLoadQ } from '../fillings/index.ts';
import { stickBreakingAttention } from './index.ts';
import { stickBreakingReference } from './reference.ts';

export const check: KernelCheck = {
  kernel: stickBreakingAttention,
  reference: stickBreakingReference,
  cost: (problem) => attentionCost(asAttention(problem, { causal: true })),
  inputs: attentionInputs,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4]),
    attentionCase([2, 33, 65, 4, 2, 16], { options: { lengths: true, remainder: true } }),
    attentionCase([1, 31, 67, 3, 1, 7, 5], { options: { lengths: true, remainder: true } }),
    attentionCase([2, 1, 513, 8, 2, 64], { options: { lengths: true, remainder: true } }),
    attentionCase([2, 3, 127, 4, 2, 32, 20], { options: { lengths: true, attend_self: false } }),
    attentionCase([1, 64, 33, 2, 1, 32], {
      name: 'more queries than keys',
      options: { attend_self: false, remainder: true },
    }),
    attentionCase([1, 5, 131, 2, 1, 127, 256]),
    attentionCase([1, 37, 37, 2, 1, 20, 12], {
      name: 'values to 1e4',
      options: { remainder: true },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([1, 1, 700, 2, 1, 8], { name: 'a stick that lasts', scale: { q: 0.01 } }),
    attentionCase([1, 70, 90, 2, 1, 12], {
      options: { window_left: 50, softcap: 5, remainder: true },
      dtypes: mixedStorage,
    }),
    attentionCase([6, 14, 14, 2, 2, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      options: {
        alignment: 'start',
        q_strides: 'b s b:3 h d',
        k_strides: 'b s b:3 h d',
        y_strides: 'b s b:3 h d',
      },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 33, 40, 3, 1, 16], {
      slots: {
        mask: additiveMask({ batch: true }),
        load_q: ropeLoadQ({ headSize: 16, positions: 40 }),
        load_k: ropeLoadK({ headSize: 16, positions: 40 }),
        epilogue: gatedOutput(16),
      },
      dtypes: mixedStorage,
    }),
  ],
  workloads: [
    {
      ...attentionCase([1, 128, 128, 4, 4, 32]),
      name: 'prefill',
      model: 'ModuleFormer, heads of 32',
      size: 'small',
    },
    {
      ...attentionCase([1, 1024, 1024, 8, 8, 64]),
      name: 'prefill 1024',
      model: 'ModuleFormer',
      size: 'large',
    },
  ],
  spreads: ['k', 'v'],
  floor: attentionFloor,
};
