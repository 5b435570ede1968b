import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const rmsNormReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { rows, hidden } = axes as { rows: number; hidden: number };
  const y = new Float64Array(rows * hidden);
  for (let row = 0; row < rows; row++) {
    const values = inputs.x!.subarray(row * hidden, (row + 1) * hidden);
    const squares = values.map((value) => round(value * value));
    const meanSquare = round(pairwiseSum(squares, round) / hidden);
    const scale = round(1 / Math.sqrt(meanSquare + scalars.eps!));
    for (let i = 0; i < hidden; i++) {
      const gain = options.gain ? inputs.weight![i]! : 1;
      y[row * hidden + i] = round(round(values[i]! * scale) * gain);
    }
  }
  return { y };
};
