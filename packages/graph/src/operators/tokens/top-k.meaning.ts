import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from '../shape/places.ts';
import { topK } from './top-k.ts';

export const topKMeaning: OperatorMeaning = {
  operator: topK,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes, taken] = [value('X'), shape('X'), shape('Values')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const sign = attributes.largest === 1 ? 1 : -1;
    const Values = new Float64Array(countOf(taken));
    const Indices = new Float64Array(Values.length);
    for (let i = 0; i < Values.length; i++) {
      const places = placesOf(taken, i);
      const line = Array.from(
        { length: sizes[axis]! },
        (_, j) => data[elementAt(sizes, places.with(axis, j))]!,
      );
      const order = [...line.keys()].sort((a, b) => sign * (line[b]! - line[a]!) || a - b);
      const at = order[places[axis]!]!;
      Indices[i] = at;
      Values[i] = line[at]!;
    }
    return { Values, Indices };
  },
};
