import type { OperatorMeaning } from '../meaning.ts';
import { tensorScatter } from './tensor-scatter.ts';

export const tensorScatterMeaning: OperatorMeaning = {
  operator: tensorScatter,
  meaning: ({ attributes, has, value, shape }) => {
    const [sizes, update] = [shape('past_cache'), value('update')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const product = (part: readonly number[]): number => part.reduce((a, b) => a * b, 1);
    const [batch, capacity, tokens] = [sizes[0]!, sizes[axis]!, shape('update')[axis]!];
    const [outer, inner] = [product(sizes.slice(1, axis)), product(sizes.slice(axis + 1))];
    const present = value('past_cache').slice();
    for (let b = 0; b < batch; b++)
      for (let o = 0; o < outer; o++)
        for (let t = 0; t < tokens; t++) {
          const place = (has('write_indices') ? value('write_indices')[b]! : 0) + t;
          const row = attributes.mode === 'circular' ? place % capacity : place;
          if (row >= capacity) continue;
          const from = ((b * outer + o) * tokens + t) * inner;
          present.set(update.subarray(from, from + inner), ((b * outer + o) * capacity + row) * inner);
        }
    return { present_cache: present };
  },
};
