import type { CacheFormat } from '../ir.ts';
import { badNode } from '../operators/shapes.ts';
import { keyAndValue, storeBoth } from './key-and-value.ts';

/** Keys and values of one sequence, a row for each position: what attention reads fastest. */
export const contiguous: CacheFormat = {
  id: 'contiguous',
  sections: (sizes) => {
    if (sizes.rows > 1)
      throw badNode(
        'contiguous',
        `a cache is to hold ${sizes.rows} sequences`,
        'packedRows and ring hold several',
      );
    return keyAndValue(sizes, sizes.positions);
  },
  append: (step) => storeBoth(step, step.positions),
  read: ({ sections }) => ({ nodes: [], K: sections.key!, V: sections.value! }),
};
