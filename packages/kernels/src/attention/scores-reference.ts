import type { OracleInput } from '../contract/check.ts';
import { attendRows, type ScoredRow } from './reference.ts';
import { withWeights } from './score-tiles.ts';

/** The input of an oracle that wants scores, with values that nobody looks at. */
export function unusedValues(input: OracleInput): OracleInput {
  const { batch, keys, kv_heads } = input.axes as Readonly<Record<'batch' | 'keys' | 'kv_heads', number>>;
  return {
    ...input,
    axes: { ...input.axes, value_size: 1 },
    inputs: { ...input.inputs, v: new Float64Array(batch * kv_heads * keys) },
    options: { ...input.options, v_strides: 'bhsd', y_strides: 'bshd' },
  };
}

/** Shows each row's scores: attention with neither values nor weights. */
export function scoreRows(input: OracleInput, visit: (row: ScoredRow) => void): void {
  const slots = withWeights(input.slots, (row) => ({
    weights: new Float64Array(row.length),
    logSumExp: 0,
  }));
  attendRows({ ...unusedValues(input), slots }, visit);
}
