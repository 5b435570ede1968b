import { multiply } from '../../oracle/arithmetic.ts';
import type { OperatorMeaning } from '../meaning.ts';
import { linearStateSpace } from './linear-state-space.ts';

export const linearStateSpaceMeaning: OperatorMeaning = {
  operator: linearStateSpace,
  meaning: ({ has, value, shape }) => {
    const [batch, tokens, inputs] = shape('u') as [number, number, number];
    const states = shape('A')[0]!;
    const final = has('initial') ? value('initial').slice() : new Float64Array(batch * states);
    const rows: Float64Array[] = [];
    for (let row = 0; row < batch; row++) {
      let state = final.slice(row * states, (row + 1) * states);
      for (let token = row * tokens; token < (row + 1) * tokens; token++) {
        const u = value('u').slice(token * inputs, (token + 1) * inputs);
        const driven = multiply(u, value('B'), inputs);
        state = multiply(state, value('A'), states).map((each, n) => each + driven[n]!);
        const read = has('C') ? multiply(state, value('C'), states) : state;
        const passed = has('D') ? multiply(u, value('D'), inputs) : undefined;
        rows.push(read.map((each, p) => each + (passed?.[p] ?? 0)));
      }
      final.set(state, row * states);
    }
    return { y: Float64Array.from(rows.flatMap((each) => [...each])), final };
  },
};
