import { attentionCost } from '../cost.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import { attentionReference } from '../reference.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { slotCases } from '../check-slots.ts';
import { flashAttention } from './index.ts';

export const check: KernelCheck = {
  kernel: flashAttention,
  reference: attentionReference,
  cost: attentionCost,
  inputs: attentionInputs,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4]),
    attentionCase([2, 33, 65, 4, 2, 16], { options: { causal: true, lengths: true } }),
    attentionCase([1, 31, 67, 3, 1, 7, 5], { options: { causal: true, lengths: true } }),
    attentionCase([1, 32, 64, 2, 2, 64], { options: { causal: true, lse: true } }),
    attentionCase([1, 64, 33, 2, 1, 32], { options: { causal: true }, name: 'more queries than keys' }),
    attentionCase([1, 5, 131, 2, 1, 256, 40], { options: { lengths: true } }),
    attentionCase([1, 40, 41, 2, 2, 4, 256], { options: { lse: true } }),
    attentionCase([1, 37, 37, 2, 1, 20, 12], {
      name: 'values to 1e4',
      options: { causal: true },
      scale: { q: 1e4, k: 1e4, v: 1e4 },
    }),
    attentionCase([1, 35, 35, 2, 1, 12], {
      options: { window_left: 5, window_right: 3, softcap: 5, lse: true, alignment: 'start', offset: 4 },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 17, 19, 4, 2, 8], {
      options: { q_strides: 'bhsd', k_strides: 'sbhd', v_strides: 'bshd', y_strides: 'hbsd' },
      dtypes: mixedStorage,
    }),
    attentionCase([6, 14, 14, 2, 2, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      options: {
        q_strides: 'b s b:3 h d',
        k_strides: 'b s b:3 h d',
        v_strides: 'b s b:3 h d',
        y_strides: 'b s b:3 h d',
      },
      dtypes: mixedStorage,
    }),
    ...slotCases(70, 90),
  ],
  workloads: [
    {
      ...attentionCase([1, 128, 128, 4, 4, 32], { options: { causal: true } }),
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
    },
    {
      ...attentionCase([1, 512, 512, 32, 8, 64], { options: { causal: true } }),
      name: 'prefill 512',
      model: 'Llama-3.2-1B',
      size: 'large',
    },
    { ...attentionCase([1, 1024, 1024, 8, 8, 64]), name: 'encoder 1024', model: 'ViT-B', size: 'large' },
  ],
  spreads: ['v'],
  floor: attentionFloor,
};
