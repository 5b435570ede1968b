import type { Operator } from '../../ir.ts';
import type { OperatorMeaning } from '../meaning.ts';

/** What a long convolution means, along one axis or two. */
export const longConvolutionOf = (operator: Operator): OperatorMeaning => ({
  operator,
  meaning: ({ attributes, has, value, shape }) => {
    const [x, sizes, filter] = [value('x'), shape('x'), shape('h')];
    const [channels, columns] = [sizes.at(-1)!, sizes.at(-2)!];
    const rows = sizes.length === 4 ? sizes[1]! : 1;
    const [taps, tapRows] = [filter.at(-2)!, filter.length === 3 ? filter[0]! : 1];
    const centre = attributes.bidirectional === 1 ? (taps - 1) / 2 : 0;
    const y = x.map((each, at) => (has('D') ? value('D')[at % channels]! * each : 0));
    for (let at = 0; at < x.length; at++) {
      const column = Math.floor(at / channels) % columns;
      const row = Math.floor(at / channels / columns) % rows;
      for (let i = 0; i < tapRows && i <= row; i++)
        for (let j = 0; j < taps; j++) {
          const shift = j - centre;
          if (column - shift < 0 || column - shift >= columns) continue;
          y[at]! +=
            value('h')[(i * taps + j) * channels + (at % channels)]! *
            x[at - (i * columns + shift) * channels]!;
        }
    }
    return { y };
  },
});
