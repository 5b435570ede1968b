import type { Oracle } from '../../contract/check.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';

export const softmaxReference: Oracle = ({ axes, scalars, options, inputs, round }) => {
  const { rows, columns, inner = 1 } = axes as { rows: number; columns: number; inner?: number };
  const y = new Float64Array(rows * columns * inner);
  for (let line = 0; line < rows * inner; line++) {
    const place = (i: number): number => (Math.floor(line / inner) * columns + i) * inner + (line % inner);
    const x = Float64Array.from({ length: columns }, (_, i) => inputs.x![place(i)]!);
    const scaled = x.map((value) => round(value * scalars.scale!));
    const most = scaled.reduce((a, b) => Math.max(a, b));
    const shifted = scaled.map((value) => round(value - most));
    const powers = shifted.map((value) => round(Math.exp(value)));
    const sum = pairwiseSum(powers, round);
    const values = options.log
      ? shifted.map((value) => round(value - round(Math.log(sum))))
      : powers.map((power) => round(power / sum));
    values.forEach((value, i) => (y[place(i)] = value));
  }
  return { y };
};
