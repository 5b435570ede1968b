import type { OperatorMeaning } from '../meaning.ts';
import { countOf, elementAt, placesOf } from './places.ts';
import { slice } from './slice.ts';

export const sliceMeaning: OperatorMeaning = {
  operator: slice,
  meaning: ({ has, value, shape }) => {
    const [data, sizes, whole] = [value('data'), shape('data'), shape('output')];
    const starts = value('starts');
    const axes = has('axes') ? [...value('axes')] : [...starts.keys()];
    const steps = has('steps') ? value('steps') : starts.map(() => 1);
    const first = sizes.map(() => 0);
    const step = sizes.map(() => 1);
    for (const [i, named] of axes.entries()) {
      const axis = named < 0 ? named + sizes.length : named;
      const length = sizes[axis]!;
      const start = starts[i]! < 0 ? starts[i]! + length : starts[i]!;
      step[axis] = steps[i]!;
      first[axis] = Math.min(Math.max(start, 0), step[axis] > 0 ? length : length - 1);
    }
    const output = Float64Array.from({ length: countOf(whole) }, (_, i) => {
      const places = placesOf(whole, i).map((place, axis) => first[axis]! + place * step[axis]!);
      return data[elementAt(sizes, places)]!;
    });
    return { output };
  },
};
