import type { Oracle } from '../../contract/check.ts';
import { largestIndex } from '../../numbers/ordered.ts';

export const argmaxReference: Oracle = ({ axes, inputs }) => {
  const { rows, columns } = axes as { rows: number; columns: number };
  const ids = Float64Array.from({ length: rows }, (_, row) =>
    largestIndex(inputs.x!.subarray(row * columns, (row + 1) * columns)),
  );
  return { ids };
};
