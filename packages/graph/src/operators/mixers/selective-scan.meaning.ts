import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { selectiveScan } from './selective-scan.ts';

export const selectiveScanMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['x', 'delta', 'B', 'C', 'z', 'y'], states: { initial_state: 'final_state' } },
  {
    operator: selectiveScan,
    meaning: ({ attributes, has, value, shape }) => {
      const [batch, tokens, channels] = shape('x') as [number, number, number];
      const [states, groups] = [shape('A')[1]!, Number(attributes.groups)];
      const final = has('initial_state')
        ? value('initial_state').slice()
        : new Float64Array(batch * channels * states);
      const y = new Float64Array(batch * tokens * channels);
      const of = (role: string, at: number): number => (has(role) ? value(role)[at]! : 0);
      for (let line = 0; line < batch * channels; line++) {
        const [row, channel] = [Math.floor(line / channels), line % channels];
        const h = final.subarray(line * states, (line + 1) * states);
        for (let step = 0; step < tokens; step++) {
          const token = row * tokens + (attributes.reverse === 1 ? tokens - 1 - step : step);
          const at = token * channels + channel;
          const group = (token * groups + Math.floor((channel * groups) / channels)) * states;
          const plain = of('delta', at) + of('delta_bias', channel);
          const size =
            attributes.delta_softplus === 1
              ? Math.max(plain, 0) + Math.log1p(Math.exp(-Math.abs(plain)))
              : plain;
          y[at] = of('D', channel) * of('x', at);
          h.forEach((before, n) => {
            h[n] =
              Math.exp(size * of('A', channel * states + n)) * before +
              size * of('x', at) * of('B', group + n);
            y[at]! += h[n] * of('C', group + n);
          });
          if (has('z')) y[at]! *= of('z', at) / (1 + Math.exp(-of('z', at)));
        }
      }
      return { y, final_state: final };
    },
  },
);
