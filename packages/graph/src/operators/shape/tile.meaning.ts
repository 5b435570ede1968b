import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from './places.ts';
import { tile } from './tile.ts';

export const tileMeaning: OperatorMeaning = {
  operator: tile,
  meaning: ({ value, shape }) => {
    const [data, sizes, whole] = [value('input'), shape('input'), shape('output')];
    const output = Float64Array.from({ length: countOf(whole) }, (_, i) => {
      const places = placesOf(whole, i).map((place, axis) => place % sizes[axis]!);
      return data[elementAt(sizes, places)]!;
    });
    return { output };
  },
};
