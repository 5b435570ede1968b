import { multiply } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { linear } from './linear.ts';

export const linearMeaning: OperatorMeaning = {
  operator: linear,
  meaning: ({ value, shape }) => ({ y: multiply(value('x'), value('weight'), shape('weight')[1]!) }),
};
