import { scatter } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { cacheWrite } from './cache-write.ts';

export const cacheWriteMeaning: OperatorMeaning = {
  operator: cacheWrite,
  meaning: ({ value, shape }) => ({
    present: scatter(value('past'), shape('past'), value('update'), value('positions')),
  }),
};
