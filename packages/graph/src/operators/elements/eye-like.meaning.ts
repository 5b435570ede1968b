import type { OperatorMeaning } from '../meaning.ts';
import { eyeLike } from './eye-like.ts';

export const eyeLikeMeaning: OperatorMeaning = {
  operator: eyeLike,
  meaning: ({ attributes, shape }) => {
    const [rows, columns] = shape('input') as [number, number];
    const output = Float64Array.from({ length: rows * columns }, (_, i) =>
      Number((i % columns) - Math.floor(i / columns) === attributes.k),
    );
    return { output };
  },
};
