import { attendRows } from '../../attention/reference.ts';
import { withWeights } from '../../attention/score-tiles.ts';
import type { Oracle } from '../../core/check.ts';

/** Attention with values that nobody looks at; what is wanted are each row's scores. */
export const querySparsityReference: Oracle = (input) => {
  const { batch, heads, queries, keys, kv_heads } = input.axes as Readonly<
    Record<'batch' | 'heads' | 'queries' | 'keys' | 'kv_heads', number>
  >;
  const { round } = input;
  const measure = new Float64Array(batch * heads * queries);
  attendRows(
    {
      ...input,
      axes: { ...input.axes, value_size: 1 },
      inputs: { ...input.inputs, v: new Float64Array(batch * kv_heads * keys) },
      options: { ...input.options, v_strides: 'bhsd', y_strides: 'bshd' },
      slots: withWeights(input.slots, (row) => ({ weights: new Float64Array(row.length), logSumExp: 0 })),
    },
    ({ batch: b, head, index, scores }) => {
      const seen = scores.filter((score) => score > -Infinity);
      const mean = round(seen.reduce((sum, score) => round(sum + score), 0) / seen.length);
      const largest = seen.reduce((most, score) => Math.max(most, score), -Infinity);
      measure[(b * heads + head) * queries + index] = seen.length > 0 ? round(largest - mean) : 0;
    },
  );
  return { measure };
};
