import { type CellMeaning, logistic, plus, rest, times } from './recurrent-meaning.ts';

/** For meanings. */
export const lstmMeaningOfCell: CellMeaning = {
  gates: 4,
  functions: [
    [logistic, true],
    [Math.tanh, true],
    [Math.tanh, false],
  ],
  step: ({ gate, peephole, functions, attributes, memory: before }) => {
    const [f, g, h] = functions as [(typeof functions)[0], (typeof functions)[0], (typeof functions)[0]];
    const enters = f(plus(gate(0), peephole(0, before)));
    const stays = attributes.input_forget === 1 ? rest(enters) : f(plus(gate(2), peephole(2, before)));
    const memory = plus(times(stays, before), times(enters, g(gate(3))));
    const shows = f(plus(gate(1), peephole(1, memory)));
    return { hidden: times(shows, h(memory)), memory };
  },
};
