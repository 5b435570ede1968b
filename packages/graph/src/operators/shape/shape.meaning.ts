import type { OperatorMeaning } from '../meaning.ts';
import { shape } from './shape.ts';

export const shapeMeaning: OperatorMeaning = {
  operator: shape,
  meaning: ({ attributes, shape: shapeOf }) => {
    const { start, end } = attributes as { readonly start: number; readonly end: number | null };
    return { shape: Float64Array.from(shapeOf('data').slice(start, end ?? undefined)) };
  },
};
