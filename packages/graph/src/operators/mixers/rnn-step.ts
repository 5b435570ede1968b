import type { CellMeaning } from './recurrent-meaning.ts';

/** For meanings. */
export const rnnMeaningOfCell: CellMeaning = {
  gates: 1,
  functions: [[Math.tanh, true]],
  step: ({ gate, functions, memory }) => ({
    hidden: functions[0]!(gate(0)),
    memory,
  }),
};
