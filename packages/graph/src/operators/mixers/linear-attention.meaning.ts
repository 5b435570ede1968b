import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { linearAttention } from './linear-attention.ts';
import { addOuter, decayState, headRow, readState, runHead } from './linear-meaning.ts';

export const linearAttentionMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['query', 'key', 'value', 'decay', 'beta', 'output'], states: { past_state: 'present_state' } },
  {
    operator: linearAttention,
    meaning: ({ attributes, has, value, shape }) => {
      const [heads, keyHeads] = [Number(attributes.q_num_heads), Number(attributes.kv_num_heads)];
      const [batch, tokens, width] = shape('query') as [number, number, number];
      const [keySize, valueSize] = [width / heads, shape('value')[2]! / keyHeads];
      const scale = Number(attributes.scale) || 1 / Math.sqrt(keySize);
      const size = keySize * valueSize;
      const state = has('past_state')
        ? value('past_state').slice()
        : new Float64Array(batch * keyHeads * size);
      const output = new Float64Array(batch * tokens * heads * valueSize);
      for (let line = 0; line < batch * keyHeads; line++) {
        const [b, head] = [Math.floor(line / keyHeads), line % keyHeads];
        const row = (role: string, token: number, rows: number, at: number): Float64Array =>
          headRow(value(role), { tokens, heads: rows, size: shape(role)[2]! / rows }, b, token, at);
        runHead({
          tokens,
          keySize,
          valueSize,
          state: state.subarray(line * size, (line + 1) * size),
          learn: (S, token) => {
            if (has('decay')) decayState(S, keySize, row('decay', token, keyHeads, head));
            const k = row('key', token, keyHeads, head);
            const v = row('value', token, keyHeads, head).slice();
            if (has('beta')) {
              const strengths = shape('beta')[2]!;
              const beta = row('beta', token, strengths, strengths === 1 ? 0 : head)[0]!;
              readState(S, k).forEach((seen, j) => (v[j] = beta * (v[j]! - seen)));
            }
            addOuter(S, k, v);
          },
          read: (S, token) => {
            for (let group = 0; group < heads / keyHeads; group++) {
              const at = (head * heads) / keyHeads + group;
              const y = readState(S, row('query', token, heads, at));
              output.set(
                y.map((each) => scale * each),
                ((b * tokens + token) * heads + at) * valueSize,
              );
            }
          },
        });
      }
      return { output, present_state: state };
    },
  },
);
