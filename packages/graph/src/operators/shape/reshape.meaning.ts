import type { OperatorMeaning } from '../meaning.ts';
import { reshape } from './reshape.ts';

export const reshapeMeaning: OperatorMeaning = {
  operator: reshape,
  meaning: ({ value }) => ({ reshaped: value('data') }),
};
