import type { OperatorMeaning } from '../meaning.ts';
import { flatten } from './flatten.ts';

export const flattenMeaning: OperatorMeaning = {
  operator: flatten,
  meaning: ({ value }) => ({ output: value('input') }),
};
