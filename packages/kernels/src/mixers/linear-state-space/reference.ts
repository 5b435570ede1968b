import type { Oracle, Round } from '../../contract/check.ts';

export const linearStateSpaceReference: Oracle = ({ axes, options, inputs, round }) => {
  const { batch, tokens, states, inputs: width, outputs } = axes as Record<string, number>;
  const final = (inputs.initial ?? inputs.final)?.slice() ?? new Float64Array(batch! * states!);
  const y = new Float64Array(batch! * tokens! * outputs!);
  for (let row = 0; row < batch!; row++) {
    let state = final.slice(row * states!, (row + 1) * states!);
    for (let token = row * tokens!; token < (row + 1) * tokens!; token++) {
      const u = inputs.u!.subarray(token * width!, (token + 1) * width!);
      const before = state;
      state = before.map((_, n) =>
        plus(product(inputs.a!, n, before, round), product(inputs.b!, n, u, round), round),
      );
      for (let p = 0; p < outputs!; p++) {
        const read = options.read ? product(inputs.c!, p, state, round) : state[p]!;
        y[token * outputs! + p] = options.pass ? plus(read, product(inputs.d!, p, u, round), round) : read;
      }
    }
    final.set(state, row * states!);
  }
  return options.states === 'none' || options.states === 'initial' ? { y } : { y, final };
};

/** A row of a matrix times a vector. */
const product = (matrix: Float64Array, row: number, x: Float64Array, round: Round): number =>
  x.reduce((sum, each, i) => round(sum + round(matrix[row * x.length + i]! * each)), 0);

const plus = (a: number, b: number, round: Round): number => round(a + b);
