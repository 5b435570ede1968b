import type { OperatorMeaning } from '../meaning.ts';
import { dropout } from './dropout.ts';

export const dropoutMeaning: OperatorMeaning = {
  operator: dropout,
  meaning: ({ value }) => ({ output: value('data') }),
};
