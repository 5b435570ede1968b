import type { CheckCase, KernelCheck } from '../../contract/check.ts';
import { elu1Map, expMap } from '../linear-attention/feature-maps.ts';
import { toeplitzAttention } from './index.ts';
import { toeplitzAttentionReference } from './reference.ts';

const sizes = (
  [batch, tokens, keys, heads, keyHeads, keySize, valueSize, biasHeads, span]: readonly number[],
  rest: Partial<CheckCase> = {},
): CheckCase => ({
  ...rest,
  axes: {
    batch: batch!,
    tokens: tokens!,
    keys: keys!,
    heads: heads!,
    key_heads: keyHeads!,
    key_size: keySize!,
    value_size: valueSize!,
    bias_heads: biasHeads!,
    span: span!,
  },
});
const elu1 = { slots: { feature_map: elu1Map } };

export const check: KernelCheck = {
  kernel: toeplitzAttention,
  reference: toeplitzAttentionReference,
  cost: ({ axes }, bytes) => ({
    bytes,
    flops: 2 * axes.batch! * axes.tokens! * axes.keys! * axes.heads! * (axes.key_size! + axes.value_size!),
  }),
  cases: [
    sizes([1, 1, 1, 1, 1, 1, 1, 1, 1], elu1),
    sizes([2, 9, 7, 4, 2, 5, 3, 1, 19], elu1),
    sizes([1, 17, 33, 2, 2, 8, 6, 2, 65], { ...elu1, options: { causal: true } }),
    sizes([1, 20, 20, 3, 1, 4, 7, 3, 41], {
      slots: { feature_map: expMap },
      scalars: { feature_scale: 0.5 },
    }),
    sizes([2, 12, 12, 2, 2, 6, 5, 1, 23], { options: { normalize: false, causal: true } }),
  ],
  workloads: [
    {
      ...sizes([1, 96, 96, 4, 4, 32, 32, 4, 191], elu1),
      name: 'biased',
      model: 'NPRF, small',
      size: 'small',
    },
    {
      ...sizes([1, 1024, 1024, 12, 12, 64, 64, 12, 2047], elu1),
      name: 'biased',
      model: 'NPRF',
      size: 'large',
    },
  ],
  // A sum of up to `keys` terms, each a sum of `key_size` products times an exponential.
  floor: ({ axes }) => 4 * (Math.sqrt(axes.keys! + axes.key_size!) + 16) * 2 ** -24,
};
