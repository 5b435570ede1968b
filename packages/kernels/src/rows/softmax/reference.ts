import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const softmaxReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const scaled = inputs
      .x!.subarray(row * columns, (row + 1) * columns)
      .map((value) => round(value * scalars.scale!));
    const most = scaled.reduce((a, b) => Math.max(a, b));
    const shifted = scaled.map((value) => round(value - most));
    const powers = shifted.map((value) => round(Math.exp(value)));
    const sum = pairwiseSum(powers, round);
    const values = options.log
      ? shifted.map((value) => round(value - round(Math.log(sum))))
      : powers.map((power) => round(power / sum));
    y.set(values, row * columns);
  }
  return { y };
};
