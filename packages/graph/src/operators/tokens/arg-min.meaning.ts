import type { OperatorMeaning } from '../meaning.ts';
import { argMaxMeaning } from './arg-max.meaning.ts';
import { argMin } from './arg-min.ts';

export const argMinMeaning: OperatorMeaning = {
  operator: argMin,
  meaning: (context) =>
    argMaxMeaning.meaning({ ...context, value: (role) => context.value(role).map((each) => -each) }),
};
