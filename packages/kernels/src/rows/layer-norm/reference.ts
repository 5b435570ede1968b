import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const layerNormReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { rows, hidden } = axes as { rows: number; hidden: number };
  const y = new Float64Array(rows * hidden);
  const means = new Float64Array(rows);
  const inverses = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = inputs.x!.subarray(row * hidden, (row + 1) * hidden);
    const mean = round(pairwiseSum(values, round) / hidden);
    const centred = values.map((value) => round(value - mean));
    const variance = round(
      pairwiseSum(
        centred.map((value) => round(value * value)),
        round,
      ) / hidden,
    );
    const scale = round(1 / Math.sqrt(variance + scalars.eps!));
    for (let i = 0; i < hidden; i++) {
      const scaled = round(round(centred[i]! * scale) * (options.gain ? inputs.weight![i]! : 1));
      y[row * hidden + i] = options.bias ? round(scaled + inputs.bias![i]!) : scaled;
    }
    means[row] = mean;
    inverses[row] = scale;
  }
  return options.statistics ? { y, mean: means, inverse_std: inverses } : { y };
};
