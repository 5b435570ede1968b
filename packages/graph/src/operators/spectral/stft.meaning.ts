import type { OperatorMeaning } from '../meaning.ts';
import { sums } from './fourier-meaning.ts';
import { stft } from './stft.ts';

export const stftMeaning: OperatorMeaning = {
  operator: stft,
  meaning: ({ has, value, shape }) => {
    const [, samples, parts] = shape('signal') as [number, number, number];
    const [batch, frames, bins] = shape('output') as [number, number, number];
    const step = value('frame_step')[0]!;
    const length = has('window') ? shape('window')[0]! : value('frame_length')[0]!;
    const output = new Float64Array(batch * frames * bins * 2);
    for (let line = 0; line < batch * frames; line++) {
      const start = Math.floor(line / frames) * samples + (line % frames) * step;
      const z = Array.from({ length }, (_, n): [number, number] => {
        const weight = has('window') ? value('window')[n]! : 1;
        const at = (start + n) * parts;
        return [weight * value('signal')[at]!, parts === 2 ? weight * value('signal')[at + 1]! : 0];
      });
      for (const [k, pair] of sums(z, -1).slice(0, bins).entries()) output.set(pair, 2 * (line * bins + k));
    }
    return { output };
  },
};
