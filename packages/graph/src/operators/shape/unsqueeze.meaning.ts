import type { OperatorMeaning } from '../meaning.ts';
import { unsqueeze } from './unsqueeze.ts';

export const unsqueezeMeaning: OperatorMeaning = {
  operator: unsqueeze,
  meaning: ({ value }) => ({ expanded: value('data') }),
};
