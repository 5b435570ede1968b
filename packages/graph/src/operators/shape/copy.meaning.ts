import type { OperatorMeaning } from '../meaning.ts';
import { copy } from './copy.ts';

export const copyMeaning: OperatorMeaning = {
  operator: copy,
  meaning: ({ value }) => ({ y: value('x') }),
};
