import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from '../shape/places.ts';
import { oneHot } from './one-hot.ts';

export const oneHotMeaning: OperatorMeaning = {
  operator: oneHot,
  meaning: ({ attributes, value, shape }) => {
    const sizes = shape('output');
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const [off, on] = value('values') as unknown as [number, number];
    const output = Float64Array.from({ length: countOf(sizes) }, (_, i) => {
      const places = placesOf(sizes, i);
      const index = value('indices')[elementAt(shape('indices'), places.toSpliced(axis, 1))]!;
      return places[axis] === (index < 0 ? index + sizes[axis]! : index) ? on : off;
    });
    return { output };
  },
};
