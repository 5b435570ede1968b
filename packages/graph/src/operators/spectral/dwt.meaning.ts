import type { OperatorMeaning } from '../meaning.ts';
import { dwt } from './dwt.ts';
import { waveletFilters } from './wavelets.ts';

export const dwtMeaning: OperatorMeaning = {
  operator: dwt,
  meaning: ({ attributes, has, value, shape }) => {
    const length = shape('x').at(-1)!;
    const half = Math.ceil(length / 2);
    const named = has('lowpass') ? undefined : waveletFilters(String(attributes.wavelet), 'analysis');
    const read = (taps: ArrayLike<number>): Float64Array =>
      Float64Array.from({ length: shape('low').reduce((product, size) => product * size, 1) }, (_, at) =>
        Array.from(taps).reduce((sum, tap, j) => {
          const place = 2 * (at % half) + taps.length / 2 - j;
          const turned = ((place % (2 * half)) + 2 * half) % (2 * half);
          return sum + tap * value('x')[Math.floor(at / half) * length + Math.min(turned, length - 1)]!;
        }, 0),
      );
    return {
      low: read(named?.lowpass ?? value('lowpass')),
      high: read(named?.highpass ?? value('highpass')),
    };
  },
};
