import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from './places.ts';
import { transpose } from './transpose.ts';

export const transposeMeaning: OperatorMeaning = {
  operator: transpose,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes, whole] = [value('data'), shape('data'), shape('transposed')];
    const perm = (attributes.perm as readonly number[] | null) ?? sizes.map((_, i) => i).toReversed();
    const transposed = Float64Array.from({ length: countOf(whole) }, (_, i) => {
      const places = placesOf(whole, i);
      return data[
        elementAt(
          sizes,
          sizes.map((_size, axis) => places[perm.indexOf(axis)]!),
        )
      ]!;
    });
    return { transposed };
  },
};
