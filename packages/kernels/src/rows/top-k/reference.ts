import type { Oracle } from '../../contract/check.ts';
import { compareDescending } from '../../numbers/ordered.ts';

export const topKReference: Oracle = ({ axes, inputs }) => {
  const { rows, columns, k } = axes as { rows: number; columns: number; k: number };
  const values = new Float64Array(rows * k);
  const ids = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const x = inputs.x!.subarray(row * columns, (row + 1) * columns);
    const order = Array.from(x.keys()).sort((a, b) => compareDescending(x[a]!, x[b]!) || a - b);
    for (let i = 0; i < k; i++) {
      ids[row * k + i] = order[i]!;
      values[row * k + i] = x[order[i]!]!;
    }
  }
  return { values, ids };
};
