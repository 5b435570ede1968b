import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { addOuter, decayState, headRow, readState, runHead, transposed } from './linear-meaning.ts';
import { stateSpaceDual } from './state-space-dual.ts';

const silu = (x: number): number => x / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export const stateSpaceDualMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['x', 'dt', 'B', 'C', 'z', 'y'], states: { initial_state: 'final_state' } },
  {
    operator: stateSpaceDual,
    meaning: ({ attributes, has, value, shape }) => {
      const [heads, groups] = [Number(attributes.heads), Number(attributes.groups)];
      const [batch, tokens, width] = shape('x') as [number, number, number];
      const [valueSize, keySize] = [width / heads, shape('B')[2]! / groups];
      const size = keySize * valueSize;
      const final = has('initial_state')
        ? value('initial_state').slice()
        : new Float64Array(batch * heads * size);
      const y = new Float64Array(batch * tokens * width);
      for (let line = 0; line < batch * heads; line++) {
        const [b, head] = [Math.floor(line / heads), line % heads];
        const group = Math.floor((head * groups) / heads);
        const ofHead = (role: string, token: number): Float64Array =>
          headRow(value(role), { tokens, heads, size: valueSize }, b, token, head);
        const ofGroup = (role: string, token: number): Float64Array =>
          headRow(value(role), { tokens, heads: groups, size: keySize }, b, token, group);
        const kept = final.subarray(line * size, (line + 1) * size);
        const state = transposed(kept, valueSize);
        runHead({
          tokens,
          keySize,
          valueSize,
          reverse: attributes.reverse === 1,
          state,
          learn: (S, token) => {
            const plain =
              value('dt')[(b * tokens + token) * heads + head]! +
              (has('dt_bias') ? value('dt_bias')[head]! : 0);
            const free = attributes.dt_softplus === 1 ? softplus(plain) : plain;
            const { dt_min: least, dt_max: most } = attributes as Record<string, number | null>;
            const step = Math.min(Math.max(free, least ?? -Infinity), most ?? Infinity);
            decayState(S, keySize, [step * value('A')[head]!]);
            addOuter(
              S,
              ofGroup('B', token).map((each) => step * each),
              ofHead('x', token),
            );
          },
          read: (S, token) => {
            const x = ofHead('x', token);
            const skip = has('D') ? value('D')[head]! : 0;
            const gate = has('z') ? ofHead('z', token).map(silu) : x.map(() => 1);
            y.set(
              readState(S, ofGroup('C', token)).map((each, j) => (each + skip * x[j]!) * gate[j]!),
              ((b * tokens + token) * heads + head) * valueSize,
            );
          },
        });
        kept.set(transposed(state, keySize));
      }
      return { y, final_state: final };
    },
  },
);
