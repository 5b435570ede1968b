import type { Oracle } from '../../contract/check.ts';
import { sequencesOf } from '../sequences/reference.ts';

export const peakScanReference: Oracle = (input) => {
  const { axes, options, inputs, round } = input;
  const { batch, tokens, channels } = axes as { batch: number; tokens: number; channels: number };
  const before = new Float64Array(batch * tokens * channels);
  const sequences = sequencesOf(input);
  const final = new Float64Array(sequences.length * channels);
  for (let line = 0; line < final.length; line++) {
    const channel = line % channels;
    const { batch: row, first, count } = sequences[Math.floor(line / channels)]!;
    let peak = (inputs.initial ?? inputs.final)?.[line] ?? 0;
    for (let step = 0; step < count; step++) {
      const at = (row * tokens + first + (options.reverse ? count - 1 - step : step)) * channels + channel;
      before[at] = peak;
      const f = inputs.forget![at]!;
      const forget = round(Math.min(f, 0) - Math.log1p(Math.exp(-Math.abs(f))));
      peak = Math.max(round(forget + peak), inputs.input![at]!);
    }
    final[line] = peak;
  }
  return options.states === 'none' || options.states === 'initial' ? { before } : { before, final };
};
