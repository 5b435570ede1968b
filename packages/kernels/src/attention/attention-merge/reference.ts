import { masked } from '../slots.ts';
import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const attentionMergeReference: Oracle = ({ axes, inputs, options, round }) => {
  const { parts, batch, queries, heads, value_size } = axes as Readonly<
    Record<'parts' | 'batch' | 'queries' | 'heads' | 'value_size', number>
  >;
  const rows = batch * queries * heads;
  const y = new Float64Array(rows * value_size);
  const lse = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [head, query, b] = [
      row % heads,
      Math.floor(row / heads) % queries,
      Math.floor(row / heads / queries),
    ];
    const lseRow = (b * heads + head) * queries + query;
    const each = Float64Array.from({ length: parts }, (_, part) => inputs.part_lse![part * rows + lseRow]!);
    const peak = each.reduce((most, value) => Math.max(most, value), masked);
    const weights = each.map((value) => (!(value <= masked / 2) ? round(Math.exp(round(value - peak))) : 0));
    const sum = pairwiseSum(weights, round);
    lse[lseRow] = sum === 0 ? masked : round(peak + round(Math.log(sum)));
    for (let i = 0; i < value_size; i++) {
      const terms = weights.map((weight, part) =>
        round(weight * inputs.parts![(part * rows + row) * value_size + i]!),
      );
      y[row * value_size + i] = sum === 0 ? 0 : round(pairwiseSum(terms, round) / sum);
    }
  }
  return options.lse === true ? { y, lse } : { y };
};
