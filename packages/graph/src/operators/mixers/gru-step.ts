import { type CellMeaning, logistic, plus, rest, times } from './recurrent-meaning.ts';

/** For meanings. */
export const gruMeaningOfCell: CellMeaning = {
  gates: 3,
  functions: [
    [logistic, true],
    [Math.tanh, true],
  ],
  step: ({ gate, parts, functions, attributes, hidden, memory }) => {
    const [f, g] = functions as [(typeof functions)[0], (typeof functions)[0]];
    const [stays, reset] = [f(gate(0)), f(gate(1))];
    const [ofToken, ofState] = parts(2);
    const fresh =
      attributes.linear_before_reset === 1
        ? g(plus(ofToken, times(reset, ofState)))
        : g(gate(2, times(reset, hidden)));
    return {
      hidden: plus(times(rest(stays), fresh), times(stays, hidden)),
      memory,
    };
  },
};
