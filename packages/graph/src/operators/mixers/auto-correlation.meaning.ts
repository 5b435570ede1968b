import type { OperatorMeaning } from '../meaning.ts';
import { autoCorrelation } from './auto-correlation.ts';
import { delayed } from './delayed-sum.meaning.ts';

export const autoCorrelationMeaning: OperatorMeaning = {
  operator: autoCorrelation,
  meaning: ({ attributes, value, shape }) => {
    const sizes = shape('q') as readonly [number, number, number];
    const [batch, tokens, channels] = sizes;
    const top = Number(attributes.top);
    const [q, k] = [value('q'), value('k')];
    const [delays, weights] = [new Float64Array(batch * top), new Float64Array(batch * top)];
    for (let row = 0; row < batch; row++) {
      const means = Array.from({ length: tokens }, (_, delay) => {
        let sum = 0;
        for (let t = 0; t < tokens; t++)
          for (let c = 0; c < channels; c++) {
            const before = (t - delay + tokens) % tokens;
            sum += q[(row * tokens + t) * channels + c]! * k[(row * tokens + before) * channels + c]!;
          }
        return sum / channels;
      });
      const order = [...means.keys()].sort((a, b) => means[b]! - means[a]! || a - b).slice(0, top);
      const powers = order.map((delay) => Math.exp(means[delay]! - means[order[0]!]!));
      const whole = powers.reduce((sum, each) => sum + each, 0);
      delays.set(order, row * top);
      weights.set(
        powers.map((each) => each / whole),
        row * top,
      );
    }
    return { y: delayed(value('v'), sizes, weights, delays, top), delays };
  },
};
