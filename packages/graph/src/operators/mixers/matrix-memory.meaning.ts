import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { addOuter, decayState, headRow, readState, runHead, transposed } from './linear-meaning.ts';
import { matrixMemory } from './matrix-memory.ts';

export const matrixMemoryMeaning: OperatorMeaning = ofEachSequence(
  {
    tokens: ['q', 'k', 'v', 'i', 'f', 'before', 'y'],
    states: { initial_c: 'final_c', initial_n: 'final_n' },
  },
  {
    operator: matrixMemory,
    meaning: ({ attributes, has, value, shape }) => {
      const heads = Number(attributes.heads);
      const [batch, tokens, width] = shape('q') as [number, number, number];
      const [keySize, valueSize] = [width / heads, shape('v')[2]! / heads];
      const size = keySize * valueSize;
      const start = (role: string, count: number): Float64Array =>
        has(role) ? value(role).slice() : new Float64Array(count);
      const finalC = start('initial_c', batch * heads * size);
      const finalN = start('initial_n', batch * heads * keySize);
      const y = new Float64Array(batch * tokens * heads * valueSize);
      for (let line = 0; line < batch * heads; line++) {
        const [b, head] = [Math.floor(line / heads), line % heads];
        const row = (role: string, token: number): Float64Array =>
          headRow(value(role), { tokens, heads, size: role === 'v' ? valueSize : keySize }, b, token, head);
        const gate = (role: string, token: number): number =>
          value(role)[(b * tokens + token) * heads + head]!;
        const kept = finalC.subarray(line * size, (line + 1) * size);
        const n = finalN.subarray(line * keySize, (line + 1) * keySize);
        const state = transposed(kept, valueSize);
        const passed = (token: number): number => {
          const f = gate('f', token);
          return gate('before', token) + Math.min(f, 0) - Math.log1p(Math.exp(-Math.abs(f)));
        };
        const peak = (token: number): number => Math.max(passed(token), gate('i', token));
        runHead({
          tokens,
          keySize,
          valueSize,
          reverse: attributes.reverse === 1,
          state,
          learn: (S, token) => {
            const decay = [passed(token) - peak(token)];
            const write = Math.exp(gate('i', token) - peak(token)) / Math.sqrt(keySize);
            const k = row('k', token).map((each) => write * each);
            decayState(S, keySize, decay);
            decayState(n, keySize, decay);
            addOuter(S, k, row('v', token));
            addOuter(n, k, [1]);
          },
          read: (S, token) => {
            const q = row('q', token);
            const bound = Math.max(Math.abs(readState(n, q)[0]!), Math.exp(-peak(token)));
            y.set(
              readState(S, q).map((each) => each / bound),
              ((b * tokens + token) * heads + head) * valueSize,
            );
          },
        });
        kept.set(transposed(state, keySize));
      }
      return { y, final_c: finalC, final_n: finalN };
    },
  },
);
