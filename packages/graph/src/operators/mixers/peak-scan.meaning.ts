import type { OperatorMeaning } from '../meaning.ts';
import { ofEachSequence } from './packed-meaning.ts';
import { peakScan } from './peak-scan.ts';

export const peakScanMeaning: OperatorMeaning = ofEachSequence(
  { tokens: ['f', 'i', 'before'], states: { initial: 'final' } },
  {
    operator: peakScan,
    meaning: ({ attributes, has, value, shape }) => {
      const [f, i] = [value('f'), value('i')];
      const [batch, tokens, channels] = shape('f') as [number, number, number];
      const final = has('initial') ? value('initial').slice() : new Float64Array(batch * channels);
      const before = new Float64Array(f.length);
      for (let step = 0; step < tokens; step++) {
        const token = attributes.reverse === 1 ? tokens - 1 - step : step;
        for (let line = 0; line < final.length; line++) {
          const at = (Math.floor(line / channels) * tokens + token) * channels + (line % channels);
          before[at] = final[line]!;
          const forget = Math.min(f[at]!, 0) - Math.log1p(Math.exp(-Math.abs(f[at]!)));
          final[line] = Math.max(forget + final[line]!, i[at]!);
        }
      }
      return { before, final };
    },
  },
);
