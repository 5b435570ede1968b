import type { OperatorMeaning } from '../meaning.ts';
import { columnMaxima } from './column-maxima.ts';

export const columnMaximaMeaning: OperatorMeaning = {
  operator: columnMaxima,
  meaning: ({ value, shape }) => {
    const k = shape('x').at(-1)!;
    const present = value('past').slice();
    value('x').forEach((number, i) => (present[i % k] = Math.max(present[i % k]!, Math.abs(number))));
    return { present };
  },
};
