import { attentionReference } from '../reference.ts';
import { withWeights } from '../score-tiles.ts';
import type { Oracle } from '../../contract/check.ts';

/** Attention whose weights are all the same, or all one. */
export const valueMeansReference: Oracle = (input) => {
  const { batch, queries, keys, heads, kv_heads } = input.axes as Readonly<
    Record<'batch' | 'queries' | 'keys' | 'heads' | 'kv_heads', number>
  >;
  const { of, ...options } = input.options;
  const { y } = attentionReference({
    ...input,
    axes: { ...input.axes, head_size: 1 },
    inputs: {
      ...input.inputs,
      q: new Float64Array(batch * queries * heads),
      k: new Float64Array(batch * keys * kv_heads),
    },
    scalars: { scale: 1 },
    options: { ...options, causal: of !== 'mean', q_strides: 'bshd', k_strides: 'bhsd' },
    slots: withWeights(input.slots, (scores) => {
      const seen = scores.filter((score) => score !== -Infinity).length;
      return { weights: scores.map(() => (of === 'running-sum' ? 1 : 1 / seen)), logSumExp: 0 };
    }),
  });
  return { y: y! };
};
