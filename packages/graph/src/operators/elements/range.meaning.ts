import type { OperatorMeaning } from '../meaning.ts';
import { range } from './range.ts';

export const rangeMeaning: OperatorMeaning = {
  operator: range,
  meaning: ({ value, shape }) => {
    const [start, delta] = [value('start')[0]!, value('delta')[0]!];
    return { output: Float64Array.from({ length: shape('output')[0]! }, (_, i) => start + i * delta) };
  },
};
