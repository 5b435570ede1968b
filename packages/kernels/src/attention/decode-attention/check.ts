import { attentionCost } from '../cost.ts';
import { attentionCase, attentionFloor, attentionInputs, mixedStorage } from '../check-cases.ts';
import { attentionReference } from '../reference.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { slotCases } from '../check-slots.ts';
import { decodeAttention } from './index.ts';

export const check: KernelCheck = {
  kernel: decodeAttention,
  reference: attentionReference,
  cost: attentionCost,
  inputs: attentionInputs,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4]),
    attentionCase([2, 1, 513, 8, 2, 64], { options: { causal: true, lengths: true } }),
    attentionCase([1, 1, 300, 3, 1, 7, 5], { options: { lengths: true } }),
    attentionCase([2, 3, 127, 4, 4, 32, 20], { options: { causal: true, lengths: true } }),
    attentionCase([1, 8, 129, 6, 2, 16], { options: { causal: true } }),
    attentionCase([3, 1, 65, 4, 4, 4, 256], { options: { lengths: true, lse: true } }),
    attentionCase([1, 2, 31, 2, 1, 256, 40]),
    attentionCase([2, 1, 97, 4, 2, 20, 12], { name: 'values to 1e4', scale: { q: 1e4, k: 1e4, v: 1e4 } }),
    attentionCase([1, 1, 700, 4, 1, 8], {
      options: {
        causal: true,
        window_left: 299,
        softcap: 5,
        k_strides: 'bshd',
        v_strides: 'sbhd',
        lse: true,
      },
      dtypes: mixedStorage,
    }),
    ...slotCases(2, 600),
  ],
  workloads: [
    {
      ...attentionCase([1, 1, 256, 4, 4, 32], { options: { causal: true, lengths: true } }),
      name: 'decode',
      model: 'shakespeare-1m',
      size: 'small',
    },
    {
      ...attentionCase([1, 1, 2048, 32, 8, 64], { options: { causal: true, lengths: true } }),
      name: 'decode 2048',
      model: 'Llama-3.2-1B',
      size: 'large',
    },
  ],
  spreads: ['v'],
  floor: attentionFloor,
};
