import type { OperatorMeaning } from '../meaning.ts';
import { cacheRows } from './cache-rows.ts';

export const cacheRowsMeaning: OperatorMeaning = {
  operator: cacheRows,
  meaning: ({ value, shape }) => {
    const [, , capacity, size] = shape('section') as [number, number, number, number];
    const sizes = shape('rows') as [number, number, number, number];
    const section = value('section');
    const rows = new Float64Array(sizes.reduce((product, each) => product * each, 1));
    for (let line = 0; line < sizes[0] * sizes[1]; line++)
      for (let position = 0; position < sizes[2]; position++) {
        const from = (line * capacity + (position % capacity)) * size;
        rows.set(section.subarray(from, from + size), (line * sizes[2] + position) * size);
      }
    return { rows };
  },
};
