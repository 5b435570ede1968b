import type { OperatorMeaning } from '../meaning.ts';
import { gram } from './gram.ts';

export const gramMeaning: OperatorMeaning = {
  operator: gram,
  meaning: ({ value, shape }) => {
    const k = shape('x').at(-1)!;
    const x = value('x');
    const present = value('past').slice();
    for (let start = 0; start < x.length; start += k)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) present[i * k + j]! += x[start + i]! * x[start + j]!;
    return { present };
  },
};
