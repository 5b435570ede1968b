import type { OperatorMeaning } from '../meaning.ts';
import { gatherWithFold } from './gather.ts';

export const gatherMeaning: OperatorMeaning = {
  operator: gatherWithFold,
  meaning: ({ attributes, value, shape }) => {
    const sizes = shape('data');
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const count = (part: readonly number[]): number => part.reduce((product, size) => product * size, 1);
    const [slabs, rows, inner] = [count(sizes.slice(0, axis)), sizes[axis]!, count(sizes.slice(axis + 1))];
    const [data, indices] = [value('data'), value('indices')];
    const output = new Float64Array(slabs * indices.length * inner);
    for (let slab = 0; slab < slabs; slab++)
      indices.forEach((index, i) => {
        const row = index < 0 ? index + rows : index;
        if (row < 0 || row >= rows) return;
        const from = (slab * rows + row) * inner;
        output.set(data.subarray(from, from + inner), (slab * indices.length + i) * inner);
      });
    return { output };
  },
};
