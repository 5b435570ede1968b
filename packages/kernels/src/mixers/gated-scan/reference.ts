import type { Oracle } from '../../contract/check.ts';
import { sequencesOf } from '../sequences/reference.ts';

export const gatedScanReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, channels } = axes as { batch: number; tokens: number; channels: number };
  const h = new Float64Array(batch * tokens * channels);
  const sequences = sequencesOf(input);
  const final = new Float64Array(sequences.length * channels);
  for (let line = 0; line < final.length; line++) {
    const channel = line % channels;
    const { batch: row, first, count } = sequences[Math.floor(line / channels)]!;
    let state = (inputs.initial ?? inputs.final)?.[line] ?? 0;
    for (let step = 0; step < count; step++) {
      const token = first + (options.reverse ? count - 1 - step : step);
      const at = (row * tokens + token) * channels + channel;
      state = round(round(inputs.a![at]! * state) + inputs.b![at]!);
      h[at] = state;
    }
    final[line] = state;
  }
  return options.states === 'none' || options.states === 'initial' ? { h } : { h, final };
};
