import type { Oracle } from '../../contract/check.ts';
import { compareDescending } from '../../numbers/ordered.ts';

export const argmaxReference: Oracle = ({ axes, options, inputs }) => {
  const { rows, columns, inner = 1 } = axes as { rows: number; columns: number; inner?: number };
  const ids = Float64Array.from({ length: rows * inner }, (_, at) => {
    const first = Math.floor(at / inner) * columns * inner + (at % inner);
    let largest = 0;
    for (let i = 1; i < columns; i++) {
      const order = compareDescending(inputs.x![first + largest * inner]!, inputs.x![first + i * inner]!);
      if (order > 0 || (order === 0 && options.ties === 'last')) largest = i;
    }
    return largest;
  });
  return { ids };
};
