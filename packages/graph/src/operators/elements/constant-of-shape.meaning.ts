import type { OperatorMeaning } from '../meaning.ts';
import { countOf } from '../shape/places.ts';
import { constantOfShape } from './constant-of-shape.ts';

export const constantOfShapeMeaning: OperatorMeaning = {
  operator: constantOfShape,
  meaning: ({ attributes, shape }) => ({
    output: new Float64Array(countOf(shape('output'))).fill(Number(attributes.value)),
  }),
};
