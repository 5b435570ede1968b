import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from './places.ts';
import { split } from './split.ts';

export const splitMeaning: OperatorMeaning = {
  operator: split,
  meaning: ({ node, attributes, value, shape }) => {
    const [data, sizes] = [value('input'), shape('input')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    let start = 0;
    return Object.fromEntries(
      Object.keys(node.outputs).map((role) => {
        const part = shape(role);
        const from = start;
        start += part[axis]!;
        const elements = Float64Array.from({ length: countOf(part) }, (_, i) => {
          const places = placesOf(part, i).map((place, at) => (at === axis ? place + from : place));
          return data[elementAt(sizes, places)]!;
        });
        return [role, elements];
      }),
    );
  },
};
