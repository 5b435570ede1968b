import type { Oracle } from '../../contract/check.ts';

export const columnMaximaReference: Oracle = ({ axes, inputs }) => {
  const { rows, k } = axes as { rows: number; k: number };
  const { x, maxima } = inputs as { x: Float64Array; maxima: Float64Array };
  const largest = maxima.slice();
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < k; c++) largest[c] = Math.max(largest[c]!, Math.abs(x[row * k + c]!));
  return { maxima: largest };
};
