import type { OperatorMeaning } from '../meaning.ts';
import { argMax } from './arg-max.ts';

export const argMaxMeaning: OperatorMeaning = {
  operator: argMax,
  meaning: ({ attributes, value, shape }) => {
    const [data, sizes] = [value('data'), shape('data')];
    const axis = (Number(attributes.axis) + sizes.length) % sizes.length;
    const inner = sizes.slice(axis + 1).reduce((product, size) => product * size, 1);
    const line = (at: number): Float64Array => {
      const first = Math.floor(at / inner) * sizes[axis]! * inner + (at % inner);
      return Float64Array.from({ length: sizes[axis]! }, (_, i) => data[first + i * inner]!);
    };
    const reduced = Float64Array.from({ length: data.length / sizes[axis]! }, (_, at) => {
      const largest = line(at).findIndex(Number.isNaN) >= 0 ? NaN : Math.max(...line(at));
      const isLargest = (each: number): boolean => each === largest || Object.is(each, largest);
      return attributes.select_last_index === 1
        ? line(at).findLastIndex(isLargest)
        : line(at).findIndex(isLargest);
    });
    return { reduced };
  },
};
