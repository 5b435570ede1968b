import type { Oracle } from '../../contract/check.ts';

export const gramReference: Oracle = ({ axes, inputs, round }) => {
  const { rows, k } = axes as { rows: number; k: number };
  const { x, gram } = inputs as { x: Float64Array; gram: Float64Array };
  const sums = new Float64Array(k * k);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) {
        const product = round(x[row * k + i]! * x[row * k + j]!);
        sums[i * k + j] = round(sums[i * k + j]! + product);
      }
  return { gram: gram.map((value, i) => round(value + sums[i]!)) };
};
