import type { OperatorMeaning } from '../meaning.ts';
import { depthToSpace } from './depth-to-space.ts';
import { countOf, elementAt, placesOf } from './places.ts';

export const depthToSpaceMeaning: OperatorMeaning = {
  operator: depthToSpace,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes, whole] = [value('input'), shape('input'), shape('output')];
    const block = Number(attributes.blocksize);
    const output = Float64Array.from({ length: countOf(whole) }, (_, at) => {
      const [n, c, y, x] = placesOf(whole, at) as [number, number, number, number];
      const place = (y % block) * block + (x % block);
      const channel = attributes.mode === 'DCR' ? place * whole[1]! + c : c * block * block + place;
      return data[elementAt(sizes, [n, channel, Math.floor(y / block), Math.floor(x / block)])]!;
    });
    return { output };
  },
};
