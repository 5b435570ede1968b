import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from './places.ts';
import { spaceToDepth } from './space-to-depth.ts';

export const spaceToDepthMeaning: OperatorMeaning = {
  operator: spaceToDepth,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes, whole] = [value('input'), shape('input'), shape('output')];
    const block = Number(attributes.blocksize);
    const output = Float64Array.from({ length: countOf(whole) }, (_, at) => {
      const [n, depth, h, w] = placesOf(whole, at) as [number, number, number, number];
      const [place, c] = [Math.floor(depth / sizes[1]!), depth % sizes[1]!];
      const [i, j] = [Math.floor(place / block), place % block];
      return data[elementAt(sizes, [n, c, h * block + i, w * block + j])]!;
    });
    return { output };
  },
};
