import { rowsOf } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { argMax } from './arg-max.ts';

export const argMaxMeaning: OperatorMeaning = {
  operator: argMax,
  meaning: ({ value, shape }) => ({
    ids: rowsOf(value('x'), shape('x').at(-1)!, (row) => row.indexOf(Math.max(...row))),
  }),
};
