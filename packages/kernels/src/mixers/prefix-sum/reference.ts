import type { Oracle } from '../../contract/check.ts';
import type { CombineReference } from './index.ts';

export const prefixSumReference: Oracle = ({ axes, options, inputs, slots, round }) => {
  const { batch, tokens, channels } = axes as { batch: number; tokens: number; channels: number };
  const { identity, combine } = slots.combine as CombineReference;
  const y = new Float64Array(batch * tokens * channels);
  for (let line = 0; line < batch * channels; line++) {
    const [row, channel] = [Math.floor(line / channels), line % channels];
    let running = identity;
    for (let step = 0; step < tokens; step++) {
      const at = (row * tokens + (options.reverse ? tokens - 1 - step : step)) * channels + channel;
      const before = running;
      running = round(combine(running, inputs.x![at]!));
      y[at] = options.exclusive ? before : running;
    }
  }
  return { y };
};
