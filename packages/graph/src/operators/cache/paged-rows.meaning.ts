import type { OperatorMeaning } from '../meaning.ts';
import { pagedRows } from './paged-rows.ts';

export const pagedRowsMeaning: OperatorMeaning = {
  operator: pagedRows,
  meaning: ({ value, shape }) => {
    const [, heads, pageSize, size] = shape('pool') as [number, number, number, number];
    const [count, , positions] = shape('rows') as [number, number, number, number];
    const entries = shape('pages')[1]!;
    const [pool, pages] = [value('pool'), value('pages')];
    const rows = new Float64Array(count * heads * positions * size);
    for (let row = 0; row < count; row++)
      for (let head = 0; head < heads; head++)
        for (let position = 0; position < positions; position++) {
          const page = pages[row * entries + Math.floor(position / pageSize)]!;
          const from = ((page * heads + head) * pageSize + (position % pageSize)) * size;
          rows.set(pool.subarray(from, from + size), ((row * heads + head) * positions + position) * size);
        }
    return { rows };
  },
};
