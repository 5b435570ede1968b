import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { generalizedDelta } from './generalized-delta.ts';
import { addOuter, decayState, headRow, readState, runHead, transposed } from './linear-meaning.ts';

export const generalizedDeltaMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['r', 'w', 'k', 'a', 'b', 'v', 'y'], states: { initial_state: 'final_state' } },
  {
    operator: generalizedDelta,
    meaning: ({ attributes, has, value, shape }) => {
      const heads = Number(attributes.heads);
      const [batch, tokens, width] = shape('r') as [number, number, number];
      const [keySize, valueSize] = [width / heads, shape('v')[2]! / heads];
      const size = keySize * valueSize;
      const final = has('initial_state')
        ? value('initial_state').slice()
        : new Float64Array(batch * heads * size);
      const y = new Float64Array(batch * tokens * heads * valueSize);
      for (let line = 0; line < batch * heads; line++) {
        const [b, head] = [Math.floor(line / heads), line % heads];
        const row = (role: string, token: number): Float64Array =>
          headRow(value(role), { tokens, heads, size: role === 'v' ? valueSize : keySize }, b, token, head);
        const kept = final.subarray(line * size, (line + 1) * size);
        // The axes of a state are those of the other linear rules here, keys first.
        const state = transposed(kept, valueSize);
        runHead({
          tokens,
          keySize,
          valueSize,
          reverse: attributes.reverse === 1,
          state,
          learn: (S, token) => {
            const seen = readState(S, row('a', token));
            decayState(S, keySize, row('w', token));
            addOuter(S, row('b', token), seen);
            addOuter(S, row('k', token), row('v', token));
          },
          read: (S, token) =>
            y.set(
              readState(S, row('r', token)).map((each) => Number(attributes.scale) * each),
              ((b * tokens + token) * heads + head) * valueSize,
            ),
        });
        kept.set(transposed(state, keySize));
      }
      return { y, final_state: final };
    },
  },
);
