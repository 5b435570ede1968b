import type { OperatorMeaning } from '../meaning.ts';
import { expand } from './expand.ts';
import { countOf, elementAt, placesOf } from './places.ts';

export const expandMeaning: OperatorMeaning = {
  operator: expand,
  meaning: ({ value, shape }) => {
    const [data, sizes, whole] = [value('input'), shape('input'), shape('output')];
    const missing = whole.length - sizes.length;
    const output = Float64Array.from({ length: countOf(whole) }, (_, i) => {
      const places = placesOf(whole, i).slice(missing);
      return data[
        elementAt(
          sizes,
          places.map((place, axis) => (sizes[axis] === 1 ? 0 : place)),
        )
      ]!;
    });
    return { output };
  },
};
