import { attentionCost } from '../cost.ts';
import { asAttention } from '../score-tiles.ts';
import { attentionCase, attentionInputs, mixedStorage } from '../check-cases.ts';
import type { CheckCase, CheckInputs, KernelCheck } from '../../contract/check.ts';
import { alibi, booleanMask, headTemperature } from '../fillings/index.ts';
import { hardAttention } from './index.ts';
import { hardAttentionReference } from './reference.ts';

/**
 * Queries, keys and biases in small integers times powers of two: scores are exact in f32, so that equals abound, are
 * equal to kernel and oracle alike, and the choice must agree exactly.
 */
export function integers(input: CheckCase, random: () => number): CheckInputs {
  const { batch, queries, keys, heads, kv_heads, head_size } = input.axes as Readonly<Record<string, number>>;
  const draw = (count: number, unit: number): Float32Array =>
    Float32Array.from({ length: count }, () => (Math.floor(random() * 5) - 2) * unit);
  return {
    ...attentionInputs(input, random),
    q: draw(batch! * queries! * heads! * head_size!, input.scale?.q ?? 1),
    k: draw(batch! * keys! * kv_heads! * head_size!, input.scale?.k ?? 1),
    ...(input.slots?.score && {
      'score.slopes': draw(heads!, 0.25),
      'score.factors': Float32Array.from({ length: heads! }, (_, i) => 2 ** (i % 3)),
    }),
  };
}

export const check: KernelCheck = {
  kernel: hardAttention,
  reference: hardAttentionReference,
  cost: (problem) => attentionCost(asAttention(problem)),
  inputs: integers,
  cases: [
    attentionCase([1, 1, 1, 1, 1, 4], { options: { indices: true } }),
    attentionCase([2, 33, 65, 4, 2, 16], { options: { causal: true, lengths: true, indices: true } }),
    attentionCase([1, 31, 67, 3, 1, 7, 5], { options: { causal: true, lengths: true, indices: true } }),
    attentionCase([2, 1, 513, 8, 2, 64], { options: { lengths: true, indices: true } }),
    attentionCase([1, 64, 33, 2, 1, 32], {
      name: 'more queries than keys',
      options: { causal: true, indices: true },
    }),
    attentionCase([1, 3, 131, 6, 2, 127, 256], { options: { indices: true } }),
    attentionCase([1, 37, 37, 2, 1, 20, 12], {
      name: 'values to 1e4',
      options: { causal: true, indices: true },
      scale: { q: 4096, k: 4096, v: 1e4 },
    }),
    attentionCase([1, 35, 35, 2, 1, 12], {
      options: { window_left: 5, window_right: 3, softcap: 50, indices: true, alignment: 'start' },
      dtypes: mixedStorage,
    }),
    attentionCase([6, 14, 14, 2, 2, 8], {
      name: 'columns of two grids of 14 rows and 3 columns',
      options: { q_strides: 'b s b:3 h d', k_strides: 'b s b:3 h d', y_strides: 'b s b:3 h d' },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 33, 40, 3, 1, 8], {
      scalars: { scale: 0.5 },
      options: { indices: true },
      slots: { mask: booleanMask({ batch: true, queries: true }), score: alibi },
      dtypes: mixedStorage,
    }),
    attentionCase([2, 2, 40, 4, 2, 8], { slots: { score: headTemperature }, dtypes: mixedStorage }),
  ],
  workloads: [
    {
      ...attentionCase([1, 128, 128, 4, 4, 32], { options: { causal: true } }),
      name: 'prefill',
      model: 'shakespeare-1m',
      size: 'small',
    },
  ],
  // Values are copied, not computed.
  floor: () => 0,
  exact: ['indices'],
};
