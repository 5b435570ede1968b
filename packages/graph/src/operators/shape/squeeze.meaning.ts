import type { OperatorMeaning } from '../meaning.ts';
import { squeeze } from './squeeze.ts';

export const squeezeMeaning: OperatorMeaning = {
  operator: squeeze,
  meaning: ({ value }) => ({ squeezed: value('data') }),
};
