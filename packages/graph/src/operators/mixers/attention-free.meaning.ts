import type { OperatorMeaning } from '../meaning.ts';
import { attentionFree } from './attention-free.ts';

export const attentionFreeMeaning: OperatorMeaning = {
  operator: attentionFree,
  meaning: ({ attributes, has, value, shape }) => {
    const [batch, tokens, channels] = shape('q') as [number, number, number];
    const window = Number(attributes.window);
    const y = new Float64Array(batch * tokens * channels);
    for (let at = 0; at < y.length; at++) {
      const [channel, token] = [at % channels, Math.floor(at / channels) % tokens];
      const first = at - channel - token * channels;
      const bias = (other: number): number =>
        has('w') && (window === 0 || Math.abs(token - other) < window)
          ? value('w')[token * tokens + other]!
          : 0;
      const exponents = Array.from(
        { length: attributes.causal === 1 ? token + 1 : tokens },
        (_, other) => value('k')[first + other * channels + channel]! + bias(other),
      );
      const peak = Math.max(...exponents);
      let [sum, weights] = [0, 0];
      exponents.forEach((exponent, other) => {
        const weight = Math.exp(exponent - peak);
        weights += weight;
        sum += weight * value('v')[first + other * channels + channel]!;
      });
      y[at] = sum / weights / (1 + Math.exp(-value('q')[at]!));
    }
    return { y };
  },
};
