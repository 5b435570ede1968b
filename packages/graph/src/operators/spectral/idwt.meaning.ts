import type { OperatorMeaning } from '../meaning.ts';
import { idwt } from './idwt.ts';
import { waveletFilters } from './wavelets.ts';

export const idwtMeaning: OperatorMeaning = {
  operator: idwt,
  meaning: ({ attributes, has, value, shape }) => {
    const [low, high] = [value('low'), value('high')];
    const half = shape('low').at(-1)!;
    const named = has('lowpass') ? undefined : waveletFilters(String(attributes.wavelet), 'synthesis');
    const [lowpass, highpass] = [named?.lowpass ?? value('lowpass'), named?.highpass ?? value('highpass')];
    const x = new Float64Array(2 * low.length);
    low.forEach((each, at) => {
      const row = 2 * (at - (at % half));
      for (let j = 0; j < lowpass.length; j++) {
        const place = 2 * (at % half) + j - lowpass.length / 2 + 1;
        const turned = ((place % (2 * half)) + 2 * half) % (2 * half);
        x[row + turned]! += lowpass[j]! * each + highpass[j]! * high[at]!;
      }
    });
    return { x };
  },
};
