import type { Oracle } from '../../contract/check.ts';

export const argmaxReference: Oracle = ({ axes, inputs }) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const ids = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = inputs.x!.subarray(row * columns, (row + 1) * columns);
    for (let i = 1; i < columns; i++) if (values[i]! > values[ids[row]!]!) ids[row] = i;
  }
  return { ids };
};
