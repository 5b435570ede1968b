import type { OperatorMeaning } from '../meaning.ts';
import { cumProd } from './cum-prod.ts';
import { runningMeaning } from './running-meaning.ts';

export const cumProdMeaning: OperatorMeaning = runningMeaning(
  cumProd,
  1,
  (running, value) => running * value,
);
