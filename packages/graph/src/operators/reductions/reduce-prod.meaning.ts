import type { OperatorMeaning } from '../meaning.ts';
import { reductionMeaning } from './reduction-meaning.ts';
import { reduceProd } from './reduce-prod.ts';

export const reduceProdMeaning: OperatorMeaning = reductionMeaning(reduceProd, (values) =>
  values.reduce((product, each) => product * each, 1),
);
