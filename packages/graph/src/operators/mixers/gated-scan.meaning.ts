import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { gatedScan } from './gated-scan.ts';

export const gatedScanMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['a', 'b', 'h'], states: { initial: 'final' } },
  {
    operator: gatedScan,
    meaning: ({ attributes, has, value, shape }) => {
      const [a, b] = [value('a'), value('b')];
      const [batch, tokens, channels] = shape('a') as [number, number, number];
      const final = has('initial') ? value('initial').slice() : new Float64Array(batch * channels);
      const h = new Float64Array(a.length);
      for (let step = 0; step < tokens; step++) {
        const token = attributes.reverse === 1 ? tokens - 1 - step : step;
        for (let line = 0; line < final.length; line++) {
          const at = (Math.floor(line / channels) * tokens + token) * channels + (line % channels);
          h[at] = final[line] = a[at]! * final[line]! + b[at]!;
        }
      }
      return { h, final };
    },
  },
);
