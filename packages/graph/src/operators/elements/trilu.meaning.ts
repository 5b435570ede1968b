import type { OperatorMeaning } from '../meaning.ts';
import { placesOf } from '../shape/places.ts';
import { trilu } from './trilu.ts';

export const triluMeaning: OperatorMeaning = {
  operator: trilu,
  meaning: ({ attributes, has, value, shape }) => {
    const k = has('k') ? value('k')[0]! : 0;
    const output = value('input').map((x, i) => {
      const [row, column] = placesOf(shape('input'), i).slice(-2) as [number, number];
      const above = column - row - k;
      return (attributes.upper === 1 ? above >= 0 : above <= 0) ? x : 0;
    });
    return { output };
  },
};
