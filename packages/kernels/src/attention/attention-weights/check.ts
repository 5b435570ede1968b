import { attentionFloor, attentionInputs, mixedStorage, scoresCase } from '../check-cases.ts';
import type { KernelCheck } from '../../contract/check.ts';
import { additiveMask, alibi, headTemperature, sigmoidWeight, sinkSoftmax } from '../fillings/index.ts';
import { attentionWeights } from './index.ts';
import { attentionWeightsReference } from './reference.ts';

const { q, k } = mixedStorage as Required<Pick<typeof mixedStorage, 'q' | 'k'>>;
const dtypes = { q: q!, k: k!, scores: 'f32' as const };

export const check: KernelCheck = {
  kernel: attentionWeights,
  reference: attentionWeightsReference,
  cost: ({ axes, options }, bytes) => ({
    bytes,
    flops:
      axes.batch! *
      axes.heads! *
      axes.queries! *
      axes.keys! *
      (2 * axes.head_size! + (options.stage === 'weights' ? 6 : 1)),
  }),
  inputs: attentionInputs,
  cases: [
    scoresCase([1, 1, 1, 1, 1, 4]),
    scoresCase([2, 5, 9, 4, 2, 8], { options: { causal: true, lengths: true } }),
    scoresCase([1, 7, 131, 3, 1, 7], { options: { lengths: true, window_left: 40, softcap: 5 } }),
    scoresCase([2, 6, 33, 2, 2, 16], { options: { stage: 'raw', causal: true, lengths: true }, dtypes }),
    scoresCase([1, 5, 20, 2, 1, 12], {
      options: { stage: 'softcap', softcap: 2, causal: true, k_strides: 'sbhd' },
      dtypes,
    }),
    scoresCase([2, 5, 19, 2, 1, 8], {
      options: { stage: 'bias' },
      slots: { score: alibi, mask: additiveMask({ batch: true, queries: true }) },
      dtypes,
    }),
    scoresCase([1, 9, 20, 2, 1, 20], {
      name: 'values to 1e4',
      options: { causal: true },
      scale: { q: 1e4, k: 1e4 },
      dtypes,
    }),
    scoresCase([1, 6, 70, 2, 1, 8], {
      options: { causal: true },
      slots: { weight: sinkSoftmax, score: headTemperature },
      dtypes,
    }),
    scoresCase([1, 6, 30, 2, 1, 8], { slots: { weight: sigmoidWeight(-2) }, dtypes }),
  ],
  workloads: [
    {
      ...scoresCase([1, 128, 128, 4, 4, 32], { options: { causal: true } }),
      name: 'all weights of a prompt',
      model: 'shakespeare-1m',
      size: 'small',
    },
  ],
  floor: attentionFloor,
};
