import { attentionCost } from '../cost.ts';
import { asAttention } from '../score-tiles.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { additiveMask, alibi, gatedOutput } from '../fillings/index.ts';
import { clippedSoftmaxAttention } from './index.ts';
import { clippedSoftmaxReference } from './reference.ts';

const scalars = { gamma: -0.03 };

export const check: KernelCheck = {
  kernel: clippedSoftmaxAttention,
  reference: clippedSoftmaxReference,
  cost: (problem) => attentionCost(asAttention(problem)),
  inputs: attentionInputs,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4], { scalars }),
    attentionCase([2, 33, 65, 4, 2, 16], { scalars, options: { causal: true, lengths: true } }),
    attentionCase([1, 31, 67, 3, 1, 7, 5], { scalars, options: { causal: true, lengths: true } }),
    attentionCase([2, 1, 513, 8, 2, 64], { scalars: { gamma: -0.002 }, options: { lengths: true } }),
    attentionCase([1, 64, 33, 2, 1, 32], {
      name: 'more queries than keys',
      scalars: { zeta: 1.1, gamma: -0.1 },
      options: { causal: true },
    }),
    attentionCase([1, 3, 131, 6, 2, 127, 256], { scalars: { gamma: 0 } }),
    attentionCase([1, 37, 37, 2, 1, 20, 12], {
      name: 'values to 1e4',
      scalars,
      options: { causal: true },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([1, 35, 35, 2, 1, 12], {
      scalars: { zeta: 1.5, gamma: -0.05 },
      options: { window_left: 5, window_right: 3, softcap: 5, alignment: 'start' },
      dtypes: mixedStorage,
    }),
    attentionCase([6, 14, 14, 2, 2, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      scalars,
      options: { q_strides: 'b s b:3 h d', k_strides: 'b s b:3 h d', y_strides: 'b s b:3 h d' },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 33, 40, 3, 1, 8], {
      scalars,
      slots: { mask: additiveMask({ batch: true, queries: true }), score: alibi, epilogue: gatedOutput(8) },
      dtypes: mixedStorage,
    }),
  ],
  workloads: [
    {
      ...attentionCase([1, 128, 128, 12, 12, 64], { scalars }),
      name: 'encoder 128',
      model: 'BERT-base',
      size: 'small',
    },
    {
      ...attentionCase([1, 1024, 1024, 12, 12, 64], {
        scalars: { gamma: -12 / 1024 },
        options: { causal: true },
      }),
      name: 'prefill 1024',
      model: 'OPT-125m',
      size: 'large',
    },
  ],
  // The stretch multiplies errors of a weight by zeta - gamma, and may leave an output that is small beside its terms.
  spreads: ['v'],
  floor: (input) => {
    const { zeta = 1, gamma = 0 } = input.scalars as { zeta?: number; gamma?: number };
    return attentionFloor(input) * (zeta - gamma);
  },
};
