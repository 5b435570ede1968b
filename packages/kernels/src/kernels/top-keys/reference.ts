import { noKey } from '../../attention/select.ts';
import { attendRows } from '../../attention/reference.ts';
import { withWeights } from '../../attention/score-tiles.ts';
import type { Oracle } from '../../core/check.ts';

/** Attention with values that nobody looks at; what is wanted are the best of each row's scores. */
export const topKeysReference: Oracle = (input) => {
  const { batch, heads, queries, keys, kv_heads, selected } = input.axes as Readonly<
    Record<'batch' | 'heads' | 'queries' | 'keys' | 'kv_heads' | 'selected', number>
  >;
  const indices = new Float64Array(batch * heads * queries * selected).fill(noKey);
  const scores = new Float64Array(indices.length);
  attendRows(
    {
      ...input,
      axes: { ...input.axes, value_size: 1 },
      inputs: { ...input.inputs, v: new Float64Array(batch * kv_heads * keys) },
      options: { ...input.options, v_strides: 'bhsd', y_strides: 'bshd' },
      slots: withWeights(input.slots, (row) => ({ weights: new Float64Array(row.length), logSumExp: 0 })),
    },
    ({ batch: b, head, index, scores: row }) => {
      const seen = Array.from(row.keys()).filter((key) => row[key]! > -Infinity);
      const best = seen.sort((one, other) => row[other]! - row[one]! || one - other).slice(0, selected);
      const first = ((b * heads + head) * queries + index) * selected;
      indices.set(best, first);
      scores.set(
        best.map((key) => row[key]!),
        first,
      );
    },
  );
  return input.options.scores === true ? { indices, scores } : { indices };
};
