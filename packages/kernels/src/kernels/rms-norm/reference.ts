import type { Oracle } from '../../core/check.ts';
import { pairwiseSum } from '../../core/pairwise-sum.ts';

export const rmsNormReference: Oracle = ({ axes, scalars, inputs, round }) => {
  const { rows, hidden } = axes as { rows: number; hidden: number };
  const { x, weight } = inputs as { x: Float64Array; weight?: Float64Array };
  const y = new Float64Array(rows * hidden);
  for (let row = 0; row < rows; row++) {
    const values = x.subarray(row * hidden, (row + 1) * hidden);
    const squares = values.map((value) => round(value * value));
    const meanSquare = round(pairwiseSum(squares, round) / hidden);
    const scale = round(1 / Math.sqrt(meanSquare + scalars.eps!));
    for (let i = 0; i < hidden; i++) y[row * hidden + i] = round(round(values[i]! * scale) * (weight?.[i] ?? 1));
  }
  return { y };
};
