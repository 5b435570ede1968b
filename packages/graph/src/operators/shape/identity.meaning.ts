import type { OperatorMeaning } from '../meaning.ts';
import { identity } from './identity.ts';

export const identityMeaning: OperatorMeaning = {
  operator: identity,
  meaning: ({ value }) => ({ output: value('input') }),
};
