import type { OperatorMeaning } from '../meaning.ts';
import { embedding } from './embedding.ts';

export const embeddingMeaning: OperatorMeaning = {
  operator: embedding,
  meaning: ({ value, shape }) => {
    const hidden = shape('table')[1]!;
    const [table, ids] = [value('table'), value('ids')];
    const y = new Float64Array(ids.length * hidden);
    ids.forEach((id, t) => y.set(table.subarray(id * hidden, (id + 1) * hidden), t * hidden));
    return { y };
  },
};
