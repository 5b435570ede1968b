import { attentionCost } from '../cost.ts';
import { asAttention } from '../score-tiles.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import { attentionReference } from '../reference.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { additiveMask, documentMask, gatedOutput, relativeBias, sinkSoftmax } from '../fillings/index.ts';
import { shortAttention } from './index.ts';

const windows = 'b b:2 s b:2 s:7 h d';

export const check: KernelCheck = {
  kernel: shortAttention,
  reference: attentionReference,
  cost: (problem) => attentionCost(asAttention(problem)),
  inputs: attentionInputs,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4]),
    attentionCase([3, 5, 7, 2, 1, 8], { options: { causal: true, lengths: true } }),
    attentionCase([5, 16, 16, 4, 4, 6], { options: { lse: true } }),
    attentionCase([3, 17, 13, 3, 1, 7, 5], { options: { causal: true, lengths: true } }),
    attentionCase([2, 100, 49, 2, 2, 32, 20], { options: { lengths: true } }),
    attentionCase([2, 3, 64, 4, 2, 128], { options: { lse: true } }),
    attentionCase([2, 20, 9, 2, 1, 20, 12], {
      name: 'more queries than keys, values to 1e4',
      options: { causal: true },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([4, 49, 49, 2, 2, 8], {
      name: 'windows of 7 by 7 in a grid of 14 by 14',
      options: { q_strides: windows, k_strides: windows, v_strides: windows, y_strides: windows },
      slots: { mask: additiveMask({ batch: true, queries: true }), score: relativeBias(6) },
      dtypes: mixedStorage,
    }),
    attentionCase([6, 14, 14, 2, 2, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      options: {
        window_left: 4,
        window_right: 2,
        softcap: 5,
        q_strides: 'b s b:3 h d',
        k_strides: 'b s b:3 h d',
        v_strides: 'b s b:3 h d',
        y_strides: 'b s b:3 h d',
      },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 30, 30, 2, 2, 8], {
      options: { alignment: 'start' },
      slots: { mask: documentMask, weight: sinkSoftmax, epilogue: gatedOutput(8) },
      dtypes: mixedStorage,
    }),
  ],
  workloads: [
    { ...attentionCase([64, 16, 16, 4, 4, 6]), name: 'pixels of patches', model: 'TNT-S', size: 'small' },
    {
      ...attentionCase([4096, 16, 16, 4, 4, 6]),
      name: '4096 patches of 16 pixels',
      model: 'TNT-S',
      size: 'large',
    },
    {
      ...attentionCase([512, 49, 49, 3, 3, 32]),
      name: '512 windows of 7 by 7',
      model: 'Swin-T',
      size: 'large',
    },
  ],
  spreads: ['v'],
  floor: attentionFloor,
};
